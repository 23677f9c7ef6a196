/**
 * A client for Aether V3. No dependencies: `fetch` is all it needs.
 *
 * It fails fast: a refusal throws an AetherError, no answer at all throws what `fetch` throws. After a 401 or 403
 * `on_auth_failure` is called once: show the login page or "no permission" there. Sent again, at most `retries` times,
 * is only what can do no harm twice (reading, searching, and creating under an Idempotency-Key) and only after an
 * answer that says it may pass (429, 503) or none.
 */

import type { components, ObjTypes } from './aether_types.ts';

export type { ObjTypes } from './aether_types.ts';
export type Values = Record<string, unknown>;
export type Params = Record<string, string | number | boolean | undefined>;
export type ErrorDetails = components['schemas']['FailureDetails'];
export type Meta = components['schemas']['Meta'] & Partial<components['schemas']['ListMeta']>;
export type TypeSchema = components['schemas']['TypeSchema'];
export type SearchQuery = components['schemas']['Search'];

type Known<T extends string, Form extends 'read' | 'create' | 'update'> = T extends keyof ObjTypes
  ? ObjTypes[T][Form]
  : Values;
/** An object as it is answered; types that this client does not know are open records. */
export type AeObj<T extends string = string> = Known<T, 'read'> & { id: string };

export type ApiCfg = {
  base_url: string; // https://api.example.org
  api_key: string; // aep_… in a browser, aes_… on a server
  account_id?: string;
  jwt?: string; // from login, a passcode, or as a guest
  retries?: number; // 2
  on_auth_failure?: (error: AetherError) => void;
};

export type Answer<T> = { data: T; meta: Meta };

export class AetherError extends Error {
  status: number;
  details: ErrorDetails;
  request_id: string;
  retry_after: number | null; // seconds

  constructor(response: Response, meta: (Partial<Meta> & { details?: ErrorDetails }) | undefined) {
    super(meta?.status_message ?? `HTTP ${response.status}`);
    this.status = response.status;
    const unknown = { category: 'internal', code: response.status, message: this.message, recoverable: false } as const;
    this.details = meta?.details ?? unknown;
    this.request_id = meta?.request_id ?? response.headers.get('x-request-id') ?? '';
    this.retry_after = Number(response.headers.get('retry-after')) || null;
  }
}

export type Call = { params?: Params; data?: unknown; headers?: Record<string, string>; repeatable?: boolean };
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Any endpoint. The functions below are this one with a path. `repeatable`: sending it twice does no harm. */
export async function request<T>(api_cfg: ApiCfg, method: Method, path: string, call: Call = {}): Promise<Answer<T>> {
  const repeatable = call.repeatable ?? method === 'GET';
  for (let left = repeatable ? (api_cfg.retries ?? 2) : 0; ; left -= 1) {
    try {
      return await send<T>(api_cfg, method, path, call);
    } catch (error) {
      const answered = error instanceof AetherError;
      if (answered && (error.status === 401 || error.status === 403)) api_cfg.on_auth_failure?.(error);
      if (left <= 0 || (answered && !(error.details.recoverable && [429, 503].includes(error.status)))) throw error;
      const seconds = (answered && error.retry_after) || 0.25;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(seconds, 30)));
    }
  }
}

async function send<T>(api_cfg: ApiCfg, method: Method, path: string, call: Call): Promise<Answer<T>> {
  const url = new URL(path, api_cfg.base_url);
  for (const [name, value] of Object.entries(call.params ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { 'x-aether-api-key': api_cfg.api_key, ...call.headers };
  if (api_cfg.account_id) headers['x-account-id'] = api_cfg.account_id;
  if (api_cfg.jwt) headers['authorization'] = `Bearer ${api_cfg.jwt}`;
  if (call.data !== undefined) headers['content-type'] = 'application/json';
  const body = call.data === undefined ? null : JSON.stringify(call.data);
  const response = await fetch(url, { method, headers, body });
  const answer = (await response.json().catch(() => undefined)) as Answer<T> | undefined;
  if (response.ok && answer) return answer;
  throw new AetherError(response, answer?.meta);
}

type Target<T extends string> = { api_cfg: ApiCfg; obj_type: T; params?: Params; headers?: Record<string, string> };
type One<T extends string> = Target<T> & { obj_id: string };

/** Below /v3/crud. A step stays one whatever it holds, and none is empty: without its id an object would be the list. */
function path(...steps: string[]): string {
  if (steps.some((step) => !step || step === '.' || step === '..')) {
    throw new TypeError(`Give a type and an id, not '${steps.join('/')}'`);
  }
  return `/v3/crud/${steps.map(encodeURIComponent).join('/')}`;
}

/** One object by its id. */
export async function get_ae_obj_v3<T extends string>(reading: One<T> & { view?: string }) {
  const { api_cfg, obj_type, obj_id, view, ...call } = reading;
  const params = { view, ...call.params };
  return request<AeObj<T>>(api_cfg, 'GET', path(obj_type, obj_id), { ...call, params });
}

type Search<T extends string> = Target<T> & {
  search_query?: SearchQuery;
  enabled?: 'enabled' | 'disabled' | 'all';
  hidden?: 'not_hidden' | 'hidden' | 'all';
  view?: string;
  for_obj_type?: string;
  for_obj_id?: string;
};

/** Objects that match. Without search_query: all of them, page by page. */
export async function search_ae_obj_v3<T extends string>(search: Search<T>) {
  const { api_cfg, obj_type, search_query = {}, params, headers = {}, ...query } = search;
  const call = { params: { ...query, ...params }, data: search_query, headers, repeatable: true };
  return request<AeObj<T>[]>(api_cfg, 'POST', path(obj_type, 'search'), call);
}

type Creation<T extends string> = Target<T> & { data: Known<T, 'create'> };

/** One object is made, also when the answer was lost on the way and the request sent again. */
export async function create_ae_obj_v3<T extends string>({ api_cfg, obj_type, ...call }: Creation<T>) {
  return request<AeObj<T>>(api_cfg, 'POST', `${path(obj_type)}/`, once(call));
}

type Nested = Omit<Target<string>, 'obj_type'> & {
  parent_type: string;
  parent_id: string;
  child_type: string; // with or without its parent's prefix: journal_entry, entry
  data: Values;
};

/** The parent's id is put in by the server. */
export async function create_nested_obj_v3({ api_cfg, parent_type, parent_id, child_type, ...call }: Nested) {
  return request<AeObj>(api_cfg, 'POST', `${path(parent_type, parent_id, child_type)}/`, once(call));
}

/** Changes the given fields only. */
export async function update_ae_obj_v3<T extends string>(update: One<T> & { data: Known<T, 'update'> }) {
  const { api_cfg, obj_type, obj_id, ...call } = update;
  return request<AeObj<T>>(api_cfg, 'PATCH', path(obj_type, obj_id), call);
}

type Removal<T extends string> = One<T> & { method?: 'hide' | 'disable' | 'delete' };

/** Without `method` the object is hidden (the server's default), not deleted. */
export async function delete_ae_obj_v3<T extends string>({ api_cfg, obj_type, obj_id, method, ...call }: Removal<T>) {
  const params = { method, ...call.params };
  return request<AeObj<T>>(api_cfg, 'DELETE', path(obj_type, obj_id), { ...call, params });
}

/** Columns, fields, views and JSON Schema of a type. */
export async function get_obj_schema_v3({ api_cfg, obj_type, ...call }: Target<string>) {
  return request<TypeSchema>(api_cfg, 'GET', path(obj_type, 'schema'), call);
}

/** With an Idempotency-Key the server makes one object however often it arrives. */
function once(call: Call): Call {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...call, headers: { 'idempotency-key': key, ...call.headers }, repeatable: true };
}
