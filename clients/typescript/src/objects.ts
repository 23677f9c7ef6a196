/** Objects of every type: the `*_v3` functions, and the types that say what comes back. */

import type { components, ObjTypes } from './aether_types.ts';
import { type Answer, type ApiCfg, type Call, idempotency_key, type Params, request, type Values } from './transport.ts';

export type { ObjTypes } from './aether_types.ts';
export type TypeSchema = components['schemas']['TypeSchema'];
export type TypeName = keyof ObjTypes;

type Operator = components['schemas']['SearchCondition']['op'];
/** A field of the type, or `relation.field` one step up. Types that this client does not know take any. */
export type SearchField<T extends string> = T extends TypeName
  ? ObjTypes[T]['search'] | `${keyof ObjTypes[T]['relations'] & string}.${string}`
  : string;
export type SearchCondition<T extends string = string> = { field: SearchField<T>; op: Operator; value?: unknown };
export type SearchGroup<T extends string = string> = {
  and?: (SearchCondition<T> | SearchGroup<T>)[];
  or?: (SearchCondition<T> | SearchGroup<T>)[];
  not?: SearchCondition<T> | SearchGroup<T>;
};
export type SearchQuery<T extends string = string> = SearchGroup<T> & { q?: string };

export type View<T extends string> = T extends TypeName ? keyof ObjTypes[T]['views'] & string : string;
type OrderField<T extends string> = T extends TypeName ? ObjTypes[T]['order_by'] : string;
/** One field, or several with a comma between; - descends. */
export type OrderBy<T extends string> = OrderField<T> | `-${OrderField<T>}` | `${string},${string}`;

export type Creatable<T extends string> = T extends TypeName ? ObjTypes[T]['create'] : Values;
export type Updatable<T extends string> = T extends TypeName ? ObjTypes[T]['update'] : Values;

type Shown<T extends TypeName, V> = V extends keyof ObjTypes[T]['views']
  ? ObjTypes[T]['views'][V] & keyof ObjTypes[T]['read']
  : never;
type Included<T extends TypeName> = {
  [R in keyof ObjTypes[T]['relations']]?: R extends keyof ObjTypes[T]['read'] ? ObjTypes[T]['read'][R] : never;
};
/** An object as a view answers it. The relations are there when they were asked for (`inc_…`). */
export type AeObj<T extends string = string, V extends string = 'default'> = T extends TypeName
  ? Required<Pick<ObjTypes[T]['read'], Shown<T, V>>> & Included<T> & { id: string }
  : Values & { id: string };

type Common = { params?: Params; headers?: Record<string, string>; signal?: AbortSignal };
type Target<T extends string> = Common & { api_cfg: ApiCfg; obj_type: T };
type One<T extends string> = Target<T> & { obj_id: string };
type Viewed<T extends string, V extends string> = { view?: V & View<T> };

/** Below /v3/crud. A step stays one whatever it holds, and none is empty: without its id an object would be the list. */
function path(...steps: string[]): string {
  if (steps.some((step) => !step || step === '.' || step === '..')) {
    throw new TypeError(`Give a type and an id, not '${steps.join('/')}'`);
  }
  return `/v3/crud/${steps.map(encodeURIComponent).join('/')}`;
}

/** One object by its id. */
export async function get_ae_obj_v3<T extends string, V extends string = 'default'>(reading: One<T> & Viewed<T, V>) {
  const { api_cfg, obj_type, obj_id, view, ...call } = reading;
  const params = { view, ...call.params };
  return request<AeObj<T, V>>(api_cfg, 'GET', path(obj_type, obj_id), { ...call, params });
}

export type Search<T extends string, V extends string = 'default'> = Target<T> &
  Viewed<T, V> & {
    search_query?: SearchQuery<T> | undefined;
    enabled?: 'enabled' | 'disabled' | 'all';
    hidden?: 'not_hidden' | 'hidden' | 'all';
    order_by?: OrderBy<T>;
    limit?: number; // 1 to 1,000
    cursor?: string;
    for_obj_type?: string;
    for_obj_id?: string;
  };

/** Objects that match. Without search_query: all of them, page by page. */
export async function search_ae_obj_v3<T extends string, V extends string = 'default'>(search: Search<T, V>) {
  const { api_cfg, obj_type, search_query = {}, params, headers = {}, signal, ...query } = search;
  const call = { params: { ...query, ...params }, data: search_query, headers, signal, repeatable: true };
  return request<AeObj<T, V>[]>(api_cfg, 'POST', path(obj_type, 'search'), call);
}

/** Every object that matches, one after the other; the pages are fetched as they are needed, by cursor. */
export async function* all_ae_objs_v3<T extends string, V extends string = 'default'>(
  search: Search<T, V>,
): AsyncGenerator<AeObj<T, V>, void, void> {
  for (let cursor = search.cursor; ; ) {
    const page: Answer<AeObj<T, V>[]> = await search_ae_obj_v3<T, V>(cursor === undefined ? search : { ...search, cursor });
    yield* page.data;
    if (!page.meta.next_cursor) return;
    cursor = page.meta.next_cursor;
  }
}

type Creation<T extends string> = Target<T> & { data: Creatable<T> };

/** One object is made, also when the answer was lost on the way and the request sent again. */
export async function create_ae_obj_v3<T extends string>({ api_cfg, obj_type, ...call }: Creation<T>) {
  return request<AeObj<T>>(api_cfg, 'POST', `${path(obj_type)}/`, once(call));
}

export type ChildName<P extends string> = P extends TypeName ? keyof ObjTypes[P]['children'] & string : string;
type Child<P extends string, C extends string> = P extends TypeName
  ? C extends keyof ObjTypes[P]['children']
    ? ObjTypes[P]['children'][C]
    : { type: string; parent: string }
  : { type: string; parent: string };
type ChildType<P extends string, C extends string> = Child<P, C> extends { type: infer N extends string } ? N : string;
type ParentField<P extends string, C extends string> = Child<P, C> extends { parent: infer N extends string } ? N : string;
/** What a child is created from: all that its type needs but the reference to the parent, which the path gives. */
export type ChildData<P extends string, C extends string> =
  ChildType<P, C> extends TypeName
    ? Omit<Creatable<ChildType<P, C>>, ParentField<P, C>> & Partial<Record<ParentField<P, C>, string>>
    : Values;
type Nested<P extends string, C extends string> = Common & {
  api_cfg: ApiCfg;
  parent_type: P;
  parent_id: string;
  child_type: C & ChildName<P>; // with or without its parent's prefix: journal_entry, entry
  data: ChildData<P, C>;
};

/** The parent's id is put in by the server. */
export async function create_nested_obj_v3<P extends string, C extends string>(creation: Nested<P, C>) {
  const { api_cfg, parent_type, parent_id, child_type, ...call } = creation;
  return request<AeObj<ChildType<P, C>>>(api_cfg, 'POST', `${path(parent_type, parent_id, child_type)}/`, once(call));
}

/** Changes the given fields only. With the header If-Match, only what was not changed meanwhile. */
export async function update_ae_obj_v3<T extends string>(update: One<T> & { data: Updatable<T> }) {
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
  return { ...call, headers: { 'idempotency-key': idempotency_key(), ...call.headers }, repeatable: true };
}
