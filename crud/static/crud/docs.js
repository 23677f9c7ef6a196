// Swagger UI with the key and the account filled in once, above it. They stay in this page's memory only.
// An id that is an example is replaced, when a request is sent, by the id of an object that is really there.

const EXAMPLE_ID = 'x7Kq2mB9fRw';
const given = (name) => document.getElementById(name).value.trim();

// As light or dark as the rest of the screen; Swagger UI has colours for both.
const darkness = matchMedia('(prefers-color-scheme: dark)');
const dress = () => document.documentElement.classList.toggle('dark-mode', darkness.matches);
darkness.addEventListener('change', dress);
dress();

async function main() {
  const spec = await (await fetch('/v3/schema/')).json();
  for (const item of Object.values(spec.paths)) {
    for (const [verb, operation] of Object.entries(item)) {
      const parameters = verb === 'parameters' ? operation : (operation.parameters ?? []);
      parameters.forEach(quiet);
    }
  }
  Object.values(spec.components.parameters).forEach(quiet);
  delete spec.servers; // this one: nothing to choose
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: '#docs',
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    defaultModelsExpandDepth: -1,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor: prepare,
  });
}

// What is asked for is filled in, and what may be left out is not: its example becomes a word in its description.
function quiet(parameter) {
  if (parameter.required) parameter.example ??= parameter.schema?.examples?.[0];
  if (parameter.in === 'path' && /(^|_)id$/.test(parameter.name)) parameter.example = EXAMPLE_ID;
  if (parameter.required || parameter.example === undefined || typeof parameter.example === 'object') return;
  parameter.description = `${parameter.description ?? ''} For example: ${parameter.example}`;
  delete parameter.example;
}

async function prepare(request) {
  const url = new URL(request.url, location.href);
  if (url.origin !== location.origin || !url.pathname.startsWith('/v3/')) return request;
  Object.assign(request.headers, identity(request.headers));
  const steps = url.pathname.split('/');
  for (let at = 1; at < steps.length; at += 1) {
    if (steps[at] !== EXAMPLE_ID) continue;
    const parent = steps[at + 2] === EXAMPLE_ID ? await someParent(steps[at - 1], steps[at + 1]) : undefined;
    steps[at] = parent ?? (await someId(steps.slice(0, at).join('/'), steps[at - 1])) ?? EXAMPLE_ID;
  }
  url.pathname = steps.join('/');
  if (url.search.includes(EXAMPLE_ID)) {
    url.search = new URLSearchParams(await filled(Object.fromEntries(url.searchParams), steps[3]));
  }
  if (url.pathname === '/v3/mcp') request.headers.accept = 'application/json, text/event-stream'; // as its clients do
  request.url = url.href;
  if (typeof request.body === 'string' && request.body.includes(EXAMPLE_ID)) {
    request.body = await withIds(request.body, steps[3]);
  }
  return request;
}

function identity(headers) {
  const found = {};
  if (given('docs-key') && !headers['x-aether-api-key']) found['x-aether-api-key'] = given('docs-key');
  if (given('docs-account') && !headers['x-account-id'] && !headers['x-no-account-id']) {
    found['x-account-id'] = given('docs-account');
  }
  return found;
}

// The first object of a list: /v3/crud/event, /v3/crud/event/{id}/event_session; of an action's noun, its type's.
async function someId(list, type) {
  const known = list.startsWith('/v3/crud/') ? list : `/v3/crud/${type}`;
  const path = list.startsWith('/v3/lookup/') ? `${list}/list` : `${known}/?limit=1&fields=id`;
  const answer = await fetch(path, { headers: identity({}) });
  return answer.ok ? (await answer.json()).data[0]?.id : undefined;
}

// One that has such a child: the first person may well have no journal.
async function someParent(type, child) {
  const column = `${type}_id`;
  const body = JSON.stringify({ and: [{ field: column, op: 'is_not_null' }] });
  const headers = { ...identity({}), 'content-type': 'application/json' };
  const answer = await fetch(`/v3/crud/${child}/search?limit=1&fields=${column}`, { method: 'POST', headers, body });
  return answer.ok ? (await answer.json()).data[0]?.[column] : undefined;
}

// {"event_id": EXAMPLE_ID}: some event's. What there is none of is left out, and what would be deleted.
async function withIds(body, type) {
  try {
    return JSON.stringify(await filled(JSON.parse(body), type));
  } catch {
    return body; // it is being edited, and no JSON now: the server will say so
  }
}

async function filled(value, type) {
  if (Array.isArray(value)) return Promise.all(value.filter((one) => one !== EXAMPLE_ID).map((one) => filled(one, type)));
  if (value === null || typeof value !== 'object') return value;
  const made = {};
  for (const [name, part] of Object.entries(value)) {
    const stem = name.endsWith('_id') ? name.slice(0, -'_id'.length) : '';
    const named = name === 'id' ? type : (value[`${stem}_type`] ?? stem); // for_id: some object of for_type
    const found = part === EXAMPLE_ID && named ? await someId(`/v3/crud/${named}`, named) : await filled(part, type);
    if (found !== undefined) made[name] = found;
  }
  return made;
}

main();
