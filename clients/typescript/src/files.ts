/** Bytes in and out: uploads with progress, downloads, exports. */

import type { Search } from './objects.ts';
import { type Answer, type ApiCfg, address, AetherError, exchange, failure_of, headers_of } from './transport.ts';

export type Upload = {
  api_cfg: ApiCfg;
  file: Blob;
  filename?: string; // a File brings its own
  what?: 'hosted_file' | 'event_file';
  fields?: Record<string, string>; // title, link_to_type, link_to_id; for_type, for_id of an event_file
  hash?: boolean; // true: the server compares what came in. Reads the file into memory first
  on_progress?: (share: number) => void; // 0 to 1
  signal?: AbortSignal;
};
export type Uploaded = { id: string; [field: string]: any };

/** Stores one file. It has no time limit but `signal`. */
export async function upload_file(upload: Upload): Promise<Answer<Uploaded>> {
  const { api_cfg, file, fields = {}, what = 'hosted_file', hash = false, signal } = upload;
  const form = new FormData(); // what the server looks at first goes first
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (hash) form.append('hash_sha256', await sha256(file));
  form.append('file', file, upload.filename ?? (file as File).name ?? 'file');
  const path = `/v3/action/${what}/upload`;
  if (upload.on_progress && typeof XMLHttpRequest !== 'undefined') return send_with_progress(upload, path, form);
  upload.on_progress?.(0);
  const response = await exchange({ ...api_cfg, timeout: 0 }, 'POST', path, { data: form, signal });
  upload.on_progress?.(1);
  return (await response.json()) as Answer<Uploaded>;
}

/** `fetch` can't say how far an upload is. */
async function send_with_progress(upload: Upload, path: string, form: FormData): Promise<Answer<Uploaded>> {
  const { api_cfg, signal } = upload;
  const token = api_cfg.session ? await api_cfg.session.token(signal) : api_cfg.jwt;
  let response = await send_form(upload, path, form, token);
  if (response.status === 401 && token && (await api_cfg.session?.renew(token))) {
    response = await send_form(upload, path, form, await api_cfg.session?.token(signal)); // a 401 did nothing yet
  }
  if (response.ok) return (await response.json()) as Answer<Uploaded>;
  const error: AetherError = await failure_of(response);
  if (error.status === 401 || error.status === 403) api_cfg.on_auth_failure?.(error);
  throw error;
}

function send_form(upload: Upload, path: string, form: FormData, token: string | undefined): Promise<Response> {
  const { api_cfg, signal, on_progress } = upload;
  return new Promise<Response>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', address(api_cfg, path));
    for (const [name, value] of Object.entries(headers_of(api_cfg, token))) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => event.lengthComputable && on_progress?.(event.loaded / event.total);
    xhr.onerror = () => reject(new TypeError('The upload broke off.'));
    xhr.onabort = () => reject(signal?.reason ?? new DOMException('The upload was ended.', 'AbortError'));
    xhr.onload = () => resolve(new Response(xhr.responseText, { status: xhr.status, headers: headers_in(xhr) }));
    signal?.addEventListener('abort', () => xhr.abort(), { once: true });
    if (signal?.aborted) reject(signal.reason);
    else xhr.send(form);
  });
}

function headers_in(xhr: XMLHttpRequest): Headers {
  const names = ['retry-after', 'x-request-id'];
  return new Headers(names.flatMap((name) => { const value = xhr.getResponseHeader(name); return value ? [[name, value] as [string, string]] : []; }));
}

export type Download = {
  api_cfg: ApiCfg;
  id: string; // of a hosted_file, or of what holds one: event_file, archive_content …
  from?: number; // the first byte; for going on with what broke off
  signal?: AbortSignal;
};
export type Bytes = { stream: ReadableStream<Uint8Array>; blob: () => Promise<Blob>; response: Response };

/** The bytes of a file: take `stream`, or `await blob()`. */
export async function download_file({ api_cfg, id, from, signal }: Download): Promise<Bytes> {
  const headers = from ? { range: `bytes=${from}-` } : undefined;
  const path = `/v3/action/hosted_file/${encodeURIComponent(id)}/download`;
  return bytes_of(await exchange({ ...api_cfg, timeout: 0 }, 'GET', path, { headers, signal }));
}

export type Export<T extends string> = Search<T> & { format: 'csv' | 'xlsx' };

/** All that matches a search, as a sheet. */
export async function export_ae_objs_v3<T extends string>({ format, ...search }: Export<T>): Promise<Bytes> {
  const { api_cfg, obj_type, search_query = {}, params, headers, signal, ...query } = search;
  const path = `/v3/crud/${encodeURIComponent(obj_type)}/search`;
  const call = { params: { ...query, ...params, export: format }, data: search_query, headers, signal, repeatable: true };
  return bytes_of(await exchange({ ...api_cfg, timeout: 0 }, 'POST', path, call));
}

function bytes_of(response: Response): Bytes {
  return { stream: response.body as ReadableStream<Uint8Array>, blob: () => response.blob(), response };
}

export async function sha256(file: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
