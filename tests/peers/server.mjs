// Answers each complete POST like a create, and writes its body down behind the number of the
// server that read it. SIGHUP: the next server takes over the port; the one before closes as Node's
// documentation advises.
//
//     node server.mjs PORT DIRECTORY    has server.pem, server.key, created.json, node.creates
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [port, directory] = process.argv.slice(2);
const read = (name) => readFileSync(`${directory}/${name}`);
const certificate = { cert: read('server.pem'), key: read('server.key') };
const created = read('created.json');
let generation = 0;

function serve() {
  const mine = ++generation;
  const server = createServer(certificate, (request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      appendFileSync(`${directory}/node.creates`, `${mine} ${body}\n`);
      response.writeHead(201, { 'Content-Type': 'application/json' }).end(created);
    });
  });
  server.listen(Number(port), '127.0.0.1');
  process.once('SIGHUP', () => {
    server.close();
    server.closeIdleConnections();
    serve();
  });
}
serve();
