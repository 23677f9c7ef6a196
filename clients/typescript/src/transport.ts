/**
 * Requests and their failures. No dependencies: `fetch` is all it needs.
 *
 * It fails fast: a refusal throws an AetherError, no answer at all throws what `fetch` throws. Sent again, at most
 * `retries` times, is only what can do no harm twice (reading, searching, and creating under an Idempotency-Key) and
 * only after an answer that says it may pass (429, 503) or none. An expired token is renewed by the session, once.
 */

import type { components } from './aether_types.ts';

export type Values = Record<string, unknown>;
export type Params = Record<string, string | number | boolean | undefined>;
export type ErrorDetails = components['schemas']['FailureDetails'];
export type Category = ErrorDetails['category'];
export type Meta = components['schemas']['Meta'] & Partial<components['schemas']['ListMeta']> & { masked?: string[] };
export type Answer<T> = { data: T; meta: Meta };

export type ApiCfg = {
  base_url: string; // https://api.example.org, or with a path below which the API is
  api_key: string; // aep_… in a browser, aes_… on a server
  account_id?: string | undefined;
  jwt?: string | undefined; // from login, a passcode, or as a guest; or let a session care for it
  session?: Credentials | undefined;
  retries?: number; // 2
  timeout?: number; // milliseconds for one sending: 30,000; 0 waits for ever
  fetch?: typeof fetch; // SvelteKit's, in a `load`
  on_auth_failure?: (error: AetherError) => void; // after a 401 or 403: show the login page or "no permission"
};

/** What a session is to a request. */
export interface Credentials {
  /** The token to send, renewed where it is about to expire. */
  token(signal?: AbortSignal): Promise<string | undefined>;
  /** After a 401: whether there is another token now, so that the request may be sent again. */
  renew(refused: string): Promise<boolean>;
}

export class AetherError extends Error {
  override name = 'AetherError';
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

  get category(): Category {
    return this.details.category;
  }

  /** Field → what is wrong with it. */
  get fields(): Record<string, string[]> {
    return this.details.fields ?? {};
  }

  /** Whether the same request may succeed later. */
  get recoverable(): boolean {
    return this.details.recoverable;
  }
}

export class ValidationError extends AetherError { override name = 'ValidationError'; }
export class AuthenticationError extends AetherError { override name = 'AuthenticationError'; }
export class PermissionError extends AetherError { override name = 'PermissionError'; }
export class NotFoundError extends AetherError { override name = 'NotFoundError'; }
/** The object was changed meanwhile (412), or the request is already under way (409). */
export class ConflictError extends AetherError { override name = 'ConflictError'; }
export class DuplicateError extends AetherError { override name = 'DuplicateError'; }
/** A reference leads nowhere, or something still refers to what was to be deleted. */
export class ConstraintError extends AetherError { override name = 'ConstraintError'; }
export class TooLargeError extends AetherError { override name = 'TooLargeError'; }
export class ThrottledError extends AetherError { override name = 'ThrottledError'; }
export class StorageFullError extends AetherError { override name = 'StorageFullError'; }
/** The service, or one that it asks, can't answer now. */
export class UnavailableError extends AetherError { override name = 'UnavailableError'; }

const CLASSES: Partial<Record<Category, typeof AetherError>> = {
  validation: ValidationError,
  database_schema: ValidationError,
  authentication: AuthenticationError,
  permission: PermissionError,
  not_found: NotFoundError,
  conflict: ConflictError,
  database_duplicate: DuplicateError,
  database_constraint: ConstraintError,
  payload_too_large: TooLargeError,
  throttled: ThrottledError,
  storage: StorageFullError,
  database_connection: UnavailableError,
  upstream: UnavailableError,
};

type Refusal = { meta?: Partial<Meta> & { details?: ErrorDetails } } | undefined;

/** The failure that an answer tells of, by its category. */
export async function failure_of(response: Response): Promise<AetherError> {
  const meta = ((await response.json().catch(() => undefined)) as Refusal)?.meta;
  const Class = (meta?.details && CLASSES[meta.details.category]) ?? AetherError;
  return new Class(response, meta);
}

export type Call = {
  params?: Params | undefined;
  data?: unknown;
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  repeatable?: boolean | undefined; // sending it twice does no harm
};
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Any endpoint that answers JSON. */
export async function request<T>(api_cfg: ApiCfg, method: Method, path: string, call: Call = {}): Promise<Answer<T>> {
  const response = await exchange(api_cfg, method, path, call);
  return (await response.json()) as Answer<T>;
}

/** Any endpoint: the answer as it comes, if it is a good one. Raises an AetherError for all others. */
export async function exchange(api_cfg: ApiCfg, method: Method, path: string, call: Call = {}): Promise<Response> {
  const repeatable = call.repeatable ?? method === 'GET';
  for (let left = repeatable ? (api_cfg.retries ?? 2) : 0; ; left -= 1) {
    let seconds = 0.25;
    try {
      const response = await send(api_cfg, method, path, call);
      if (response.ok) return response;
      const error = await failure_of(response);
      if (error.status === 401 || error.status === 403) api_cfg.on_auth_failure?.(error);
      if (left <= 0 || !error.recoverable || ![429, 503].includes(error.status)) throw error;
      seconds = error.retry_after ?? seconds;
    } catch (error) {
      if (left <= 0 || error instanceof AetherError || call.signal?.aborted) throw error;
    }
    await pause(Math.min(seconds, 30), call.signal);
  }
}

async function send(api_cfg: ApiCfg, method: Method, path: string, call: Call): Promise<Response> {
  const token = api_cfg.session ? await api_cfg.session.token(call.signal) : api_cfg.jwt;
  const response = await send_with(token, api_cfg, method, path, call);
  if (response.status !== 401 || !token || !(await api_cfg.session?.renew(token))) return response;
  return send_with(await api_cfg.session?.token(call.signal), api_cfg, method, path, call); // a 401 did nothing yet
}

async function send_with(token: string | undefined, api_cfg: ApiCfg, method: Method, path: string, call: Call) {
  const headers = { ...headers_of(api_cfg, token), ...call.headers };
  const is_form = call.data instanceof FormData;
  if (call.data !== undefined && !is_form) headers['content-type'] = 'application/json';
  const body = call.data === undefined ? null : is_form ? (call.data as FormData) : JSON.stringify(call.data);
  const timeout = api_cfg.timeout ?? 30_000;
  const signals = [call.signal, timeout > 0 ? AbortSignal.timeout(timeout) : undefined].filter((one) => !!one);
  const signal = signals.length > 1 ? AbortSignal.any(signals) : (signals[0] ?? null);
  return (api_cfg.fetch ?? fetch)(address(api_cfg, path, call.params), { method, headers, body, signal });
}

export function address(api_cfg: Pick<ApiCfg, 'base_url'>, path: string, params: Params = {}): string {
  const query = Object.entries(params).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(query.map(([name, value]) => [name, String(value)])).toString();
  return api_cfg.base_url.replace(/\/+$/, '') + path + (text && `?${text}`);
}

export function headers_of(api_cfg: ApiCfg, token: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'x-aether-api-key': api_cfg.api_key };
  if (api_cfg.account_id) headers['x-account-id'] = api_cfg.account_id;
  if (token) headers['authorization'] = `Bearer ${token}`;
  return headers;
}

function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** A key under which the server does a thing once, however often it arrives. */
export function idempotency_key(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
