/** The four functions that front ends of the earlier version stand on, with their arguments. */

import { type ApiCfg, type Params, request } from './transport.ts';

type Request = { api_cfg: ApiCfg; endpoint: string; params?: Params; headers?: Record<string, string> };
type Sending = Request & { data?: any };

export async function get_object<T = any>({ api_cfg, endpoint, ...call }: Request) {
  return request<T>(api_cfg, 'GET', endpoint, call);
}

/** A search is sent again after a failure that may pass; nothing else is. */
export async function post_object<T = any>({ api_cfg, endpoint, data = {}, ...call }: Sending) {
  return request<T>(api_cfg, 'POST', endpoint, { ...call, data, repeatable: /\/search\/?$/.test(endpoint) });
}

export async function patch_object<T = any>({ api_cfg, endpoint, data = {}, ...call }: Sending) {
  return request<T>(api_cfg, 'PATCH', endpoint, { ...call, data });
}

export async function delete_object<T = any>({ api_cfg, endpoint, ...call }: Request) {
  return request<T>(api_cfg, 'DELETE', endpoint, call);
}
