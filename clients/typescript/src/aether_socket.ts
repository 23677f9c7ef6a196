/** Changes and messages of Aether V3 over one websocket. Reconnects, subscribes again, asks for what it missed. */

export type Frame = Record<string, any> & { type: string };
export type Change = Frame & { action: string; obj_type: string; obj_id: string; fields: string[]; data: any };
export type Topic = { obj_type: string; obj_id?: string; for_obj_type?: string; for_obj_id?: string };
type Credentials = { api_key: string; jwt?: string; account_id?: string };
export type SocketCfg = {
  url: string; // wss://api.example.org/v3/ws
  credentials: () => Credentials | Promise<Credentials>; // asked at each connection
  on_ready?: () => void; // logged in, for the first time or again: join groups here
  on_frame?: (frame: Frame) => void; // message, presence, and the error of a subscription
  on_resync?: () => void; // changes were missed: read again what you show
  on_refused?: (frame: Frame) => void; // the credentials are no good; it does not try again
};
const OFFLINE: Frame = { type: 'error', category: 'offline', message: 'Not connected.' };

export class AetherSocket {
  private cfg: SocketCfg;
  private socket!: WebSocket;
  private ready = false;
  private stopped = false;
  private failures = 0;
  private last_id = 0;
  private since = 0; // everything up to here was heard
  private behind = false; // and what came later is being told again
  private waiting = new Map<number, (frame: Frame) => void>();
  private listeners = new Map<Topic, (change: Change) => void>();
  private numbers = new Map<number, Topic>();

  constructor(cfg: SocketCfg) {
    this.cfg = cfg;
    this.connect();
  }

  /** Tells of changes until the function that it returns is called. */
  subscribe(topic: Topic, on_change: (change: Change) => void): () => void {
    const own = { ...topic };
    this.listeners.set(own, on_change);
    if (this.ready) void this.listen(own);
    return () => {
      this.listeners.delete(own);
      for (const [subscription, one] of this.numbers) if (one === own) void this.ask('unsubscribe', { subscription });
    };
  }

  /** Any frame: join, leave, send, presence, ping. Resolves with its answer, which may be an error. */
  ask(type: string, values: Record<string, unknown> = {}): Promise<Frame> {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.resolve(OFFLINE);
    const id = ++this.last_id;
    this.socket.send(JSON.stringify({ type, id, ...values }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  close(): void {
    this.stopped = true;
    this.socket.close();
  }

  private connect(): void {
    this.socket = new WebSocket(this.cfg.url);
    this.socket.onopen = () => void this.begin();
    this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.socket.onclose = () => {
      this.ready = false;
      this.behind = this.since > 0;
      for (const resolve of this.waiting.values()) resolve(OFFLINE);
      [this.waiting, this.numbers] = [new Map(), new Map()];
      const pause = Math.min(30_000, 250 * 2 ** this.failures++) * (0.5 + Math.random() / 2); // milliseconds
      if (!this.stopped) setTimeout(() => this.connect(), pause);
    };
  }

  private async begin(): Promise<void> {
    const hello = await this.ask('auth', await this.cfg.credentials());
    this.stopped ||= ['authentication', 'permission', 'validation'].includes(hello.category);
    if (hello.type !== 'ok') return this.stopped ? this.cfg.on_refused?.(hello) : undefined;
    [this.ready, this.failures] = [true, 0];
    if (!this.behind) this.since = hello.seq;
    this.cfg.on_ready?.();
    await Promise.all([...this.listeners.keys()].map((topic) => this.listen(topic)));
    const answer = this.behind ? await this.ask('resume', { since: this.since }) : OFFLINE;
    if (answer !== OFFLINE) [this.since, this.behind] = [answer.seq ?? hello.seq, false];
  }

  private async listen(topic: Topic): Promise<void> {
    const answer = await this.ask('subscribe', topic);
    if (answer.type === 'ok') this.numbers.set(answer.subscription, topic);
    else if (answer !== OFFLINE) this.cfg.on_frame?.(answer);
  }

  private hear(frame: Frame): void {
    const topic = this.numbers.get(frame.subscription);
    if (frame.type === 'change') topic && this.listeners.get(topic)?.(frame as Change);
    else if (frame.type === 'resync') this.cfg.on_resync?.();
    else if (frame.id === undefined) this.cfg.on_frame?.(frame);
    if (frame.seq && frame.id === undefined && !this.behind) this.since = frame.seq;
    this.waiting.get(frame.id)?.(frame);
    this.waiting.delete(frame.id);
  }
}
