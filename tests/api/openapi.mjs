// The operations of openapi.yaml, and examples of what they take and answer.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const text = readFileSync(new URL('openapi.yaml', import.meta.url), 'utf8');
const document = parse(text, { maxAliasCount: -1 });

// By operationId.
export const operations = new Map();
for (const [path, item] of Object.entries(document.paths)) {
  for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
    if (!item[method]) continue;
    const { operationId, parameters = [], requestBody, responses } = item[method];
    const status = Object.keys(responses).find((name) => name.startsWith('2'));
    operations.set(operationId, {
      id: operationId,
      method,
      path,
      inPath: item.parameters.map((parameter) => parameter.name),
      query: parameters, // as in the document: name, schema
      body: requestBody?.content['application/json'].schema,
      status: Number(status),
      answer: responses[status].content['application/json'].schema,
    });
  }
}

// The operation that a path, without base path and query, leads to.
export function operationAt(method, path) {
  const matches = [...operations.values()].filter(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replace(/{.*?}/g, '[^/]+')}$`).test(path),
  );
  return matches.sort((a, b) => a.inPath.length - b.inPath.length)[0]; // webhooks/all comes first
}

// The schema, what it combines with allOf, and the first of each anyOf.
function parts(schema) {
  const others = [...(schema.allOf ?? []), ...(schema.anyOf ?? []).slice(0, 1)];
  return [schema, ...others.flatMap(parts)];
}

let count = 0; // of the values made, so that they differ

// A value that the schema allows, with the members that are required, or with all.
export function example(schema, all = false) {
  const combined = parts(schema);
  const get = (key) => combined.find((part) => part[key] !== undefined)?.[key];
  if (get('const') !== undefined) return get('const');
  if (get('enum')) return get('enum')[0];
  count += 1;
  switch ([get('type')].flat()[0]) {
    case 'string': {
      if (get('format') === 'uri') return `https://x.example/${count}`;
      if (get('format') === 'uuid') return '0d1f069d-43bb-489a-ad8c-7eb95592ba8e';
      const texts = [`x${count}`, '2023-07-15', '2023-07-15T11:48:34Z'];
      return texts.find((text) => RegExp(get('pattern') ?? '').test(text));
    }
    case 'integer':
    case 'number':
      return (get('minimum') ?? 1) + (count % 1000);
    case 'boolean':
      return count % 2 === 0;
    case 'array':
      return [example(get('items'), all)];
  }
  const members = (part) => (all ? Object.keys(part.properties ?? {}) : part.required ?? []);
  const member = (name) => ({ allOf: combined.flatMap((part) => part.properties?.[name] ?? []) });
  const names = [...new Set(combined.flatMap(members))];
  return Object.fromEntries(names.map((name) => [name, example(member(name), all)]));
}
