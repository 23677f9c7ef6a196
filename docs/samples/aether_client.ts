/**
 * A client for Aether V3. No dependencies: `fetch` is all it needs. Copy it and change it.
 *
 * It fails fast. Any failure throws an AetherError, and nothing is sent again by itself.
 * After a 401 or 403, `on_auth_failure` is called once: show the login page or "no permission" there.
 */

export type Values = Record<string, unknown>;
export type Params = Record<string, string | number | boolean | undefined>;

export type ApiCfg = {
  base_url: string; // https://api.example.org
  api_key: string; // aep_… in a browser, aes_… on a server
  account_id?: string;
  jwt?: string; // from login, a passcode, or as a guest
  on_auth_failure?: (error: AetherError) => void;
};

export type Meta = {
  success: boolean;
  status_code: number;
  status_message: string;
  request_id: string;
  warnings?: string[];
  count?: number;
  limit?: number;
  offset?: number;
  next_cursor?: string | null;
  total?: number;
  details?: ErrorDetails;
};

export type ErrorDetails = {
  category: string;
  code: number;
  message: string;
  recoverable: boolean;
  fields?: Record<string, string[]>;
};

export type Answer<T> = { data: T; meta: Meta };
export type AeObj = Values & { id: string };

export class AetherError extends Error {
  status: number;
  details: ErrorDetails;
  request_id: string;
  retry_after: number | null; // seconds

  constructor(response: Response, meta: Meta | undefined) {
    super(meta?.status_message ?? `HTTP ${response.status}`);
    this.status = response.status;
    const unknown = { category: 'internal', code: response.status, message: this.message, recoverable: false };
    this.details = meta?.details ?? unknown;
    this.request_id = meta?.request_id ?? response.headers.get('x-request-id') ?? '';
    this.retry_after = Number(response.headers.get('retry-after')) || null;
  }
}

type Call = { params?: Params; data?: unknown; headers?: Record<string, string> };
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Any endpoint. The functions below are this one with a path. */
export async function request<T>(api_cfg: ApiCfg, method: Method, path: string, call: Call = {}): Promise<Answer<T>> {
  const url = new URL(path, api_cfg.base_url);
  for (const [name, value] of Object.entries(call.params ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { 'x-aether-api-key': api_cfg.api_key, ...call.headers };
  if (api_cfg.account_id) headers['x-account-id'] = api_cfg.account_id;
  if (api_cfg.jwt) headers['authorization'] = `Bearer ${api_cfg.jwt}`;
  if (call.data !== undefined) headers['content-type'] = 'application/json';
  const body = call.data === undefined ? undefined : JSON.stringify(call.data);
  const response = await fetch(url, { method, headers, body });
  const answer = (await response.json().catch(() => undefined)) as Answer<T> | undefined;
  if (response.ok && answer) return answer;
  const error = new AetherError(response, answer?.meta);
  if (error.status === 401 || error.status === 403) api_cfg.on_auth_failure?.(error);
  throw error;
}

type Target = { api_cfg: ApiCfg; obj_type: string; params?: Params; headers?: Record<string, string> };
type One = Target & { obj_id: string };

/** One object by its id. */
export function get_ae_obj_v3({ api_cfg, obj_type, obj_id, view, params, headers }: One & { view?: string }) {
  return request<AeObj>(api_cfg, 'GET', `/v3/crud/${obj_type}/${obj_id}`, { params: { view, ...params }, headers });
}

type Search = Target & {
  search_query?: Values; // { q, and, or, not }
  enabled?: 'enabled' | 'disabled' | 'all';
  hidden?: 'not_hidden' | 'hidden' | 'all';
  view?: string;
  for_obj_type?: string;
  for_obj_id?: string;
};

/** Objects that match. Without search_query: all of them, page by page. */
export function search_ae_obj_v3({ api_cfg, obj_type, search_query = {}, params, headers, ...query }: Search) {
  const all = { ...query, ...params };
  return request<AeObj[]>(api_cfg, 'POST', `/v3/crud/${obj_type}/search`, { params: all, data: search_query, headers });
}

export function create_ae_obj_v3({ api_cfg, obj_type, data, params, headers }: Target & { data: Values }) {
  return request<AeObj>(api_cfg, 'POST', `/v3/crud/${obj_type}/`, { params, data, headers });
}

type Nested = Omit<Target, 'obj_type'> & { parent_type: string; parent_id: string; child_type: string; data: Values };

/** The parent's id is put in by the server. */
export function create_nested_obj_v3({ api_cfg, parent_type, parent_id, child_type, ...call }: Nested) {
  return request<AeObj>(api_cfg, 'POST', `/v3/crud/${parent_type}/${parent_id}/${child_type}/`, call);
}

/** Changes the given fields only. */
export function update_ae_obj_v3({ api_cfg, obj_type, obj_id, data, params, headers }: One & { data: Values }) {
  return request<AeObj>(api_cfg, 'PATCH', `/v3/crud/${obj_type}/${obj_id}`, { params, data, headers });
}

type Removal = One & { method?: 'hide' | 'disable' | 'delete' };

/** Without `method` the object is hidden (the server's default), not deleted. */
export function delete_ae_obj_v3({ api_cfg, obj_type, obj_id, method, params, headers }: Removal) {
  const all = { method, ...params };
  return request<AeObj>(api_cfg, 'DELETE', `/v3/crud/${obj_type}/${obj_id}`, { params: all, headers });
}

/** Columns, fields, views and JSON Schema of a type. */
export function get_obj_schema_v3({ api_cfg, obj_type }: Target) {
  return request<Values>(api_cfg, 'GET', `/v3/crud/${obj_type}/schema`);
}
