// Types of every object type, from the OpenAPI document of a running server:
//   npm run generate -- http://127.0.0.1:5005            writes src/aether_types.ts
//   npm run generate -- http://127.0.0.1:5005 other.ts

import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const [base, target = 'src/aether_types.ts'] = process.argv.slice(2);
if (!base) throw new Error('usage: npm run generate -- ADDRESS [FILE]');

const document = /^https?:/.test(base)
  ? await (await fetch(`${base.replace(/\/+$/, '')}/v3/schema`)).json()
  : JSON.parse(await readFile(base, 'utf8'));
const all = document.components.schemas;

// `journal_entry` is JournalEntry, JournalEntryCreate and JournalEntryUpdate. The wrappings of answers are the client's.
const types = document.tags.map((tag) => tag.name).filter((name) => pascal(name) in all);
const shared = ['Meta', 'ListMeta', 'FailureDetails', 'Search', 'SearchNode', 'SearchCondition', 'SearchGroup', 'TypeSchema'];
const kept = [...shared, ...types.flatMap((name) => ['', 'Create', 'Update'].map((form) => pascal(name) + form))];
const schemas = Object.fromEntries(kept.filter((name) => name in all).map((name) => [name, all[name]]));

const ast = await openapiTS(
  { openapi: document.openapi, info: document.info, paths: {}, components: { schemas } },
  { emptyObjectsUnknown: true, defaultNonNullable: false },
);
const declared = astToString(ast).slice(astToString(ast).indexOf('export interface components'));
const component = (name) => (name in schemas ? `components['schemas']['${name}']` : 'never');
const literals = (names) => names.map((name) => `'${name}'`).join(' | ') || 'never';
const entries = (values, of) => `{ ${Object.entries(values).map(([name, value]) => `${name}: ${of(value)}`).join('; ')} }`;
const rows = types.flatMap((name) => {
  const forms = ['', 'Create', 'Update'].map((form) => component(pascal(name) + form));
  const more = all[pascal(name)]['x-aether'];
  const child = (value) => `{ type: '${value.type}'; parent: '${value.parent_field}' }`;
  return [
    `  ${name}: {`,
    `    read: ${forms[0]}; create: ${forms[1]}; update: ${forms[2]};`,
    `    views: ${entries(more.views, literals)};`,
    `    relations: ${entries(more.relations, (type) => `'${type}'`)};`,
    `    children: ${entries(more.children, child)};`,
    `    search: ${literals(more.search)};`,
    `    order_by: ${literals(more.order_by)};`,
    '  };',
  ];
});

await writeFile(
  target,
  [
    '// Made by `npm run generate` from the OpenAPI document. Do not edit.',
    '',
    declared.slice(0, declared.indexOf('\nexport type $defs')).trimEnd(),
    '',
    '/** What is read, created, updated, searched and sorted by of each object type, and what hangs on it. */',
    'export interface ObjTypes {',
    ...rows,
    '}',
    '',
  ].join('\n'),
);

function pascal(name) {
  return name.replace(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase());
}
