// Tests the judge: Prism with openapi.yaml must let pass what is right and refuse what is wrong, at
// every operation. (A schema that Prism cannot compile would let everything pass, without a word.)
//
//     node judge_test.mjs
//
// Prism stands here before a server that answers what each request asks for in its headers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { example, operations } from './openapi.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

const server = createServer((request, response) => {
  request.resume();
  const answer = request.headers['x-answer'];
  // Not in chunks, of which Prism's HTTP client misses the end with some versions of Node.
  const headers = { 'content-type': 'application/json', 'content-length': answer.length };
  response.writeHead(request.headers['x-status'], headers);
  response.end(answer);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const cli = file('node_modules/@stoplight/prism-cli/dist/index.js');
const upstream = `http://127.0.0.1:${server.address().port}`;
const options = ['proxy', file('openapi.yaml'), upstream, '--errors', '--port', '0'];
const prism = spawn(process.execPath, [cli, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => prism.kill());
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const origin = await new Promise((resolve, reject) => {
  prism.on('exit', () => reject(new Error('Prism ended')));
  createInterface(prism.stdout).on('line', (line) => {
    const listening = line.match(/Prism is listening on (\S+)/);
    if (listening) resolve(listening[1]);
  });
});

// ---- What is wrong.

// Copies of a value, each changed in one place to what `change` makes of what is there.
function* changed(value, change) {
  yield* change(value);
  if (typeof value !== 'object') return;
  for (const key of Object.keys(value)) {
    for (const other of changed(value[key], change)) {
      const copy = structuredClone(value);
      copy[key] = other;
      yield copy;
    }
  }
}
const isValue = (value) => typeof value !== 'object';
const members = (value) => (isValue(value) || Array.isArray(value) ? [] : Object.keys(value));
const oneMore = (value) => (members(value).length ? [{ ...value, misspelt: 1 }] : []);
const oneLess = (value) => members(value).map((name) => ({ ...value, [name]: undefined }));
const wrongType = (value) => (isValue(value) ? [{}] : []);

// ---- Checks.

// Sends what is right, but for what `deviation` says.
async function call(operation, deviation) {
  const { token, query, body, status, answer } = {
    token: 'Bearer x',
    query: '',
    body: operation.body && example(operation.body),
    status: operation.status,
    answer: example(operation.answer),
    ...deviation,
  };
  const headers = { 'x-status': status, 'x-answer': JSON.stringify(answer) };
  if (token) headers.authorization = token;
  if (body) headers['content-type'] = 'application/json';
  const response = await fetch(origin + operation.path.replace(/{.*?}/g, 'x') + query, {
    method: operation.method.toUpperCase(),
    headers,
    body: body && JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

let passed = 0;
let failed = 0;

// Calls each operation with each of its deviations; all must be answered with `wanted`.
async function check(what, wanted, deviations) {
  let count = 0;
  const wrong = [];
  for (const operation of operations.values()) {
    for (const deviation of deviations(operation)) {
      const { status, text } = await call(operation, deviation);
      count += 1;
      if (status === (wanted ?? operation.status)) continue;
      wrong.push(`  ${operation.id}: ${JSON.stringify(deviation)}\n    ${status} ${text}`);
    }
  }
  const good = count > 0 && wrong.length === 0;
  console.log(`${good ? 'ok' : 'FAILED'}: Prism ${what} (${count} calls)`);
  for (const one of wrong.slice(0, 5)) console.log(one);
  good ? (passed += 1) : (failed += 1);
}

await check('lets pass what is right', null, function* ({ body }) {
  yield {};
  if (body) yield { body: example(body, true) };
});
await check('lets pass an error', 404, function* () {
  yield { status: 404, answer: { success: false, error: { code: 404, message: 'none' } } };
  yield { status: 404, answer: { success: false, errors: [{ code: 7003, message: 'none' }] } };
});
await check('refuses a call without a token', 401, function* () {
  yield { token: '' };
});
await check('refuses a misspelt member', 422, function* ({ body }) {
  if (!body) return;
  yield { body: { ...example(body), misspelt: 1 } };
  for (const wrong of changed(example(body, true), oneMore)) yield { body: wrong };
});
await check('refuses a body that lacks a member', 422, function* ({ body }) {
  if (body) for (const wrong of changed(example(body), oneLess)) yield { body: wrong };
});
await check('refuses a member of the wrong type', 422, function* ({ body }) {
  if (body) for (const wrong of changed(example(body, true), wrongType)) yield { body: wrong };
});
await check('refuses a POST without a body', 422, function* ({ method }) {
  if (method === 'post') yield { body: undefined };
});
await check('refuses a wrong value in the query', 422, function* ({ query }) {
  for (const { name, schema } of query) {
    if (schema.type !== 'string' || schema.pattern) yield { query: `?${name}=!` };
  }
});
await check('refuses an answer that lacks a member', 500, function* ({ answer }) {
  for (const wrong of changed(example(answer), oneLess)) yield { answer: wrong };
});
await check('refuses an answer with a value of the wrong type', 500, function* ({ answer }) {
  for (const wrong of changed(example(answer), wrongType)) yield { answer: wrong };
});
await check('refuses a success that says that it failed', 500, function* ({ answer }) {
  yield { answer: { ...example(answer), success: false } };
});
await check('refuses an error that says nothing', 500, function* () {
  yield { status: 404, answer: { success: false } };
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
