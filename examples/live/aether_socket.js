/** Changes and messages of Aether V3 over one websocket. Reconnects, subscribes again, asks for what it missed. */
const OFFLINE = { type: 'error', category: 'offline', message: 'Not connected.' };
export class AetherSocket {
    cfg;
    socket;
    ready = false;
    stopped = false;
    failures = 0;
    last_id = 0;
    since = 0; // everything up to here was heard
    behind = false; // and what came later is being told again
    waiting = new Map();
    listeners = new Map();
    numbers = new Map();
    constructor(cfg) {
        this.cfg = cfg;
        this.connect();
    }
    /** Tells of changes until the function that it returns is called. */
    subscribe(topic, on_change) {
        const own = { ...topic };
        this.listeners.set(own, on_change);
        if (this.ready)
            void this.listen(own);
        return () => {
            this.listeners.delete(own);
            for (const [subscription, one] of this.numbers)
                if (one === own)
                    void this.ask('unsubscribe', { subscription });
        };
    }
    /** Any frame: join, leave, send, presence, ping. Resolves with its answer, which may be an error. */
    ask(type, values = {}) {
        if (this.socket.readyState !== WebSocket.OPEN)
            return Promise.resolve(OFFLINE);
        const id = ++this.last_id;
        this.socket.send(JSON.stringify({ type, id, ...values }));
        return new Promise((resolve) => this.waiting.set(id, resolve));
    }
    close() {
        this.stopped = true;
        this.socket.close();
    }
    connect() {
        this.socket = new WebSocket(this.cfg.url);
        this.socket.onopen = () => void this.begin();
        this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
        this.socket.onclose = () => {
            this.ready = false;
            this.behind = this.since > 0;
            for (const resolve of this.waiting.values())
                resolve(OFFLINE);
            [this.waiting, this.numbers] = [new Map(), new Map()];
            const pause = Math.min(30_000, 250 * 2 ** this.failures++) * (0.5 + Math.random() / 2); // milliseconds
            if (!this.stopped)
                setTimeout(() => this.connect(), pause);
        };
    }
    async begin() {
        const hello = await this.ask('auth', await this.cfg.credentials());
        this.stopped ||= ['authentication', 'permission', 'validation'].includes(hello.category);
        if (hello.type !== 'ok')
            return this.stopped ? this.cfg.on_refused?.(hello) : undefined;
        [this.ready, this.failures] = [true, 0];
        if (!this.behind)
            this.since = hello.seq;
        this.cfg.on_ready?.();
        await Promise.all([...this.listeners.keys()].map((topic) => this.listen(topic)));
        const answer = this.behind ? await this.ask('resume', { since: this.since }) : OFFLINE;
        if (answer !== OFFLINE)
            [this.since, this.behind] = [answer.seq ?? hello.seq, false];
    }
    async listen(topic) {
        const answer = await this.ask('subscribe', topic);
        if (answer.type === 'ok')
            this.numbers.set(answer.subscription, topic);
        else if (answer !== OFFLINE)
            this.cfg.on_frame?.(answer);
    }
    hear(frame) {
        const topic = this.numbers.get(frame.subscription);
        if (frame.type === 'change')
            topic && this.listeners.get(topic)?.(frame);
        else if (frame.type === 'resync')
            this.cfg.on_resync?.();
        else if (frame.id === undefined)
            this.cfg.on_frame?.(frame);
        if (frame.seq && frame.id === undefined && !this.behind)
            this.since = frame.seq;
        this.waiting.get(frame.id)?.(frame);
        this.waiting.delete(frame.id);
    }
}
