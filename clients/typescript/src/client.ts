/** Everything in one place: `const client = new AetherClient({ base_url, api_key })`. */

import { AetherSocket, type SocketCfg } from './aether_socket.ts';
import { type Download, download_file, type Export, export_ae_objs_v3, type Upload, upload_file } from './files.ts';
import * as objects from './objects.ts';
import { AetherSession, type SessionOptions } from './session.ts';
import { address, type Answer, type ApiCfg, type Call, type Method, request } from './transport.ts';

type Rest<T, Given extends keyof T> = Omit<T, Given | 'api_cfg'>;
type Arguments<F extends (one: any) => unknown> = Parameters<F>[0];

export class AetherClient {
  readonly api_cfg: ApiCfg;
  readonly session: AetherSession;

  /** With `jwt` the client is that token's; else whoever signs in by `session`. */
  constructor(api_cfg: ApiCfg, options: SessionOptions = {}) {
    this.session = new AetherSession(api_cfg, options);
    this.api_cfg = api_cfg.jwt ? api_cfg : { ...api_cfg, session: this.session };
  }

  /** The same client, with other settings: SvelteKit's `fetch` in a `load`, another account. */
  with(changes: Partial<ApiCfg>): AetherClient {
    const other = Object.create(this) as { api_cfg: ApiCfg };
    other.api_cfg = { ...this.api_cfg, ...changes };
    return other as AetherClient;
  }

  request<T>(method: Method, path: string, call: Call = {}): Promise<Answer<T>> {
    return request<T>(this.api_cfg, method, path, call);
  }

  get<T extends string, V extends string = 'default'>(
    obj_type: T,
    obj_id: string,
    more: Rest<Arguments<typeof objects.get_ae_obj_v3<T, V>>, 'obj_type' | 'obj_id'> = {},
  ) {
    return objects.get_ae_obj_v3<T, V>({ ...more, api_cfg: this.api_cfg, obj_type, obj_id } as never);
  }

  search<T extends string, V extends string = 'default'>(
    obj_type: T,
    search_query: objects.SearchQuery<T> = {} as objects.SearchQuery<T>,
    more: Rest<objects.Search<T, V>, 'obj_type' | 'search_query'> = {} as never,
  ) {
    return objects.search_ae_obj_v3<T, V>({ ...more, api_cfg: this.api_cfg, obj_type, search_query } as never);
  }

  /** `for await (const session of client.all('event_session', {}, { view: 'enriched' })) …` */
  all<T extends string, V extends string = 'default'>(
    obj_type: T,
    search_query: objects.SearchQuery<T> = {} as objects.SearchQuery<T>,
    more: Rest<objects.Search<T, V>, 'obj_type' | 'search_query'> = {} as never,
  ) {
    return objects.all_ae_objs_v3<T, V>({ ...more, api_cfg: this.api_cfg, obj_type, search_query } as never);
  }

  create<T extends string>(obj_type: T, data: objects.Creatable<T>, more: Omit<Call, 'data'> = {}) {
    return objects.create_ae_obj_v3<T>({ ...more, api_cfg: this.api_cfg, obj_type, data } as never);
  }

  create_nested<P extends string, C extends string>(
    parent_type: P,
    parent_id: string,
    child_type: C & objects.ChildName<P>,
    data: objects.ChildData<P, C>,
  ) {
    return objects.create_nested_obj_v3<P, C>({ api_cfg: this.api_cfg, parent_type, parent_id, child_type, data });
  }

  update<T extends string>(obj_type: T, obj_id: string, data: objects.Updatable<T>, more: Omit<Call, 'data'> = {}) {
    return objects.update_ae_obj_v3<T>({ ...more, api_cfg: this.api_cfg, obj_type, obj_id, data } as never);
  }

  delete<T extends string>(obj_type: T, obj_id: string, method?: 'hide' | 'disable' | 'delete') {
    return objects.delete_ae_obj_v3<T>({ api_cfg: this.api_cfg, obj_type, obj_id, ...(method ? { method } : {}) });
  }

  schema(obj_type: string) {
    return objects.get_obj_schema_v3({ api_cfg: this.api_cfg, obj_type });
  }

  upload(file: Blob, more: Omit<Upload, 'api_cfg' | 'file'> = {}) {
    return upload_file({ ...more, api_cfg: this.api_cfg, file });
  }

  download(id: string, more: Omit<Download, 'api_cfg' | 'id'> = {}) {
    return download_file({ ...more, api_cfg: this.api_cfg, id });
  }

  export<T extends string>(obj_type: T, more: Omit<Export<T>, 'api_cfg' | 'obj_type'>) {
    return export_ae_objs_v3<T>({ ...more, api_cfg: this.api_cfg, obj_type } as never);
  }

  /** Changes as they come, resumed after a break. Signs in with whoever is signed in at that moment. */
  realtime(more: Omit<SocketCfg, 'url' | 'credentials'> = {}): AetherSocket {
    const { api_key, account_id, jwt, session } = this.api_cfg;
    const credentials = async () => {
      const token = session ? await session.token() : jwt;
      return { api_key, ...(token ? { jwt: token } : {}), ...(account_id ? { account_id } : {}) };
    };
    return new AetherSocket({ ...more, url: address(this.api_cfg, '/v3/ws').replace(/^http/, 'ws'), credentials });
  }
}
