/**
 * Who is signed in, over reloads and across tabs: login, second factor, passcode, guest, refresh, logout.
 *
 * A refresh token works once. So there is one refresh at a time: calls share a promise, tabs a lock (Web Locks), and
 * whoever gets the lock looks first whether another tab has renewed the tokens meanwhile.
 */

import { type ApiCfg, type Credentials, AuthenticationError, PermissionError, request } from './transport.ts';

export type SessionKind = 'user' | 'passcode' | 'exhibitor' | 'guest';
export type Session = {
  kind: SessionKind;
  access: string;
  refresh: string | null; // users only
  expires_on: string; // of `access`
  account_id: string | null;
  details: Record<string, any>; // what the sign-in answered besides: user, roles, site_id, exhibit_id …
};
/** Where the session is kept between reloads. `localStorage` and `sessionStorage` are such. */
export type Storage = {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, value: string): unknown;
  removeItem(name: string): unknown;
};
export type SessionOptions = {
  storage?: Storage | undefined; // in memory
  name?: string; // aether.session: the entry in the storage, and the lock of the tabs
  on_session_change?: (session: Session | null) => void; // in this tab or, where they share a storage, another one
};
export type MfaRequired = { mfa_required: true; mfa_token: string; methods: string[] };
export type MfaSetupRequired = { mfa_setup_required: true; mfa_token: string };
export type MfaSetup = { secret: string; otpauth_url: string };
type Answered = Record<string, any>;
type Name = { username: string } | { email: string };
type Site = { site_id: string } | { fqdn: string };

const EARLY = 30_000; // milliseconds before it expires a token is renewed

export class AetherSession implements Credentials {
  private api_cfg: ApiCfg;
  private options: SessionOptions;
  private storage: Storage;
  private name: string;
  private renewal: Promise<boolean> | null = null;

  /** `api_cfg` without a session: what the tokens are asked with. */
  constructor(api_cfg: ApiCfg, options: SessionOptions = {}) {
    this.api_cfg = { ...api_cfg, session: undefined, jwt: undefined, on_auth_failure: () => {} };
    this.options = options;
    this.storage = options.storage ?? in_memory();
    this.name = options.name ?? 'aether.session';
    // Another tab has signed in or out, or renewed the tokens.
    if (options.on_session_change && typeof window !== 'undefined' && 'addEventListener' in window) {
      window.addEventListener('storage', (event) => {
        if (event.storageArea === this.storage && (event.key === this.name || event.key === null)) {
          void this.current().then((session) => options.on_session_change?.(session));
        }
      });
    }
  }

  async current(): Promise<Session | null> {
    try {
      return JSON.parse((await this.storage.getItem(this.name)) ?? 'null');
    } catch {
      return null;
    }
  }

  /** Where a second factor is due, what comes back says so, and nobody is signed in yet: go on with `mfa`. */
  async login(credentials: Name & { password: string }): Promise<Session | MfaRequired | MfaSetupRequired> {
    return this.begin('user', '/v3/auth/login', credentials);
  }

  async mfa(answer: { mfa_token: string; code: string }): Promise<Session> {
    return (await this.begin('user', '/v3/auth/mfa', answer)) as Session;
  }

  /** Of who is signed in, or of a sign-in that answered `mfa_setup_required`. Show the address as a QR code. */
  async set_up_mfa(answer: { mfa_token?: string } = {}): Promise<MfaSetup> {
    return (await request<MfaSetup>(this.signed_in(), 'POST', '/v3/auth/mfa/setup', { data: answer })).data;
  }

  /** By the first code of the app. The recovery codes are told this once; with an `mfa_token` it signs in, too. */
  async confirm_mfa(answer: { mfa_token?: string; code: string }): Promise<string[]> {
    const { data } = await request<Answered>(this.signed_in(), 'POST', '/v3/auth/mfa/confirm', { data: answer });
    const { recovery_codes, ...pair } = data;
    if (pair['access']) await this.keep(session_of('user', pair));
    return recovery_codes;
  }

  async remove_mfa(answer: { code: string }): Promise<void> {
    await request(this.signed_in(), 'DELETE', '/v3/auth/mfa', { data: answer });
  }

  /** What a link in a mail carries. */
  async magic_link(token: string): Promise<Session | MfaRequired | MfaSetupRequired> {
    return this.begin('user', '/v3/auth/magic_link/confirm', { token });
  }

  async accept_invitation(answer: { token: string; password: string; username?: string }): Promise<Session> {
    return (await this.begin('user', '/v3/auth/invite/accept', answer)) as Session;
  }

  async passcode(answer: { site_id: string; passcode: string }): Promise<Session> {
    return (await this.begin('passcode', '/api/authenticate_passcode', answer)) as Session;
  }

  async exhibitor(answer: { exhibit_id: string; passcode: string; rep_name?: string }): Promise<Session> {
    return (await this.begin('exhibitor', '/api/authenticate_exhibit', answer)) as Session;
  }

  async guest(site: Site): Promise<Session> {
    return (await this.begin('guest', '/v3/auth/guest', site)) as Session;
  }

  async change_password(answer: { old: string; new: string }): Promise<void> {
    const { data } = await request<Answered>(this.signed_in(), 'POST', '/v3/auth/password/change', { data: answer });
    const session = await this.current();
    const expires_on = data['expires_on'] ?? expiry_of(data['access']) ?? session?.expires_on;
    if (session) await this.keep({ ...session, access: data['access'], refresh: data['refresh'], expires_on });
  }

  /** Ends the login everywhere; without a network at least here. */
  async logout(): Promise<void> {
    const session = await this.current();
    await this.keep(null);
    const data = { refresh: session?.refresh };
    if (session?.refresh) await request(this.api_cfg, 'POST', '/v3/auth/logout', { data }).catch(() => undefined);
  }

  async token(): Promise<string | undefined> {
    const session = await this.current();
    if (session?.refresh && Date.parse(session.expires_on) - Date.now() < EARLY) {
      await this.renew(session.access).catch(() => false); // without a network the old one may do
      return (await this.current())?.access;
    }
    return session?.access;
  }

  renew(refused: string): Promise<boolean> {
    this.renewal ??= this.across_tabs(() => this.renew_alone(refused)).finally(() => (this.renewal = null));
    return this.renewal;
  }

  private async renew_alone(refused: string): Promise<boolean> {
    const session = await this.current();
    if (session && session.access !== refused) return true; // another tab was faster
    if (!session?.refresh) {
      if (session) await this.keep(null);
      return false;
    }
    try {
      await this.begin('user', '/v3/auth/refresh', { refresh: session.refresh });
      return true;
    } catch (error) {
      if (!(error instanceof AuthenticationError || error instanceof PermissionError)) throw error;
      await this.keep(null);
      return false;
    }
  }

  private across_tabs<T>(work: () => Promise<T>): Promise<T> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    return locks ? (locks.request(`${this.name}.refresh`, work) as Promise<T>) : work();
  }

  private async begin(kind: SessionKind, path: string, data: unknown): Promise<any> {
    const { data: answered } = await request<Answered>(this.api_cfg, 'POST', path, { data });
    if (answered['mfa_required'] || answered['mfa_setup_required']) return answered;
    return this.keep(session_of(kind, answered));
  }

  private signed_in(): ApiCfg {
    return { ...this.api_cfg, session: this };
  }

  private async keep<S extends Session | null>(session: S): Promise<S> {
    if (session) await this.storage.setItem(this.name, JSON.stringify(session));
    else await this.storage.removeItem(this.name);
    this.options.on_session_change?.(session);
    return session;
  }
}

function session_of(kind: SessionKind, answered: Answered): Session {
  const { access, jwt, refresh = null, expires_on, account_id = null, ...details } = answered;
  return { kind, access: access ?? jwt, refresh, expires_on, account_id, details };
}

function expiry_of(jwt: string): string | undefined {
  const payload = jwt.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/');
  const seconds = payload ? JSON.parse(atob(payload)).exp : undefined;
  return seconds ? new Date(1000 * seconds).toISOString() : undefined;
}

function in_memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (name) => values.get(name) ?? null,
    setItem: (name, value) => values.set(name, value),
    removeItem: (name) => values.delete(name),
  };
}
