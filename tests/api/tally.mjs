// Says what went through Prism, from its log: that each operation was called and answered with
// success, and that no parameter in a query is misspelt, which Prism itself lets pass.
//
//     node tally.mjs LOG
import { readFileSync } from 'node:fs';
import { operationAt, operations } from './openapi.mjs';

const answers = new Map([...operations.keys()].map((id) => [id, 0])); // those that Prism let pass
const unknown = new Set();
const forwarded = new Map(); // the operation by the path that was asked for last
const count = (path, number) =>
  answers.set(forwarded.get(path), answers.get(forwarded.get(path)) + number);

for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  const [, method, url] = line.match(/Forwarding "(\w+)" request to (\S+)\.\.\.$/) ?? [];
  if (url) {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.replace('/client/v4', '');
    const { id, query } = operationAt(method, path);
    forwarded.set(path, id);
    for (const name of searchParams.keys()) {
      if (!query.some((known) => known.name === name)) unknown.add(`${id} has no "${name}"`);
    }
  }
  const [, path, status] = line.match(/The upstream call to (\S+) has returned (\d+)$/) ?? [];
  if (path && status < 300) count(path, 1);
  const [, refused] = line.match(/ (\S+) \S+ +error +Request terminated .*#VIOLATIONS/) ?? [];
  if (refused) count(refused, -1);
}

const never = [...operations.keys()].filter((id) => answers.get(id) < 1);
if (never.length) console.log(`FAILED: never answered through Prism: ${never.join(', ')}`);
else console.log(`ok: Prism let answers to all ${operations.size} operations pass`);
if (unknown.size) console.log(`FAILED: parameters in a query: ${[...unknown].join(', ')}`);
else console.log('ok: no parameter in a query is misspelt');
process.exit(never.length || unknown.size ? 1 : 0);
