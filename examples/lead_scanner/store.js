// What the device keeps: who is signed in, and every scan until it is answered; in IndexedDB, so that nothing is lost when
// the page is closed, the battery is empty or the network is away.

const SHOWN = 200; // of the scans that are answered

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open('lead-scanner', 2);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      request.result.createObjectStore('scans', { keyPath: 'client_ref' });
      request.result.createObjectStore('session');
    }
    request.result.createObjectStore('signed', { keyPath: 'id' });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function inStore(name, mode, work) {
  const transaction = (await opened).transaction(name, mode, { durability: 'strict' });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const result = await work(transaction.objectStore(name));
  await done;
  return result;
}

export const session = {
  read: () => inStore('session', 'readonly', (store) => asPromise(store.get('it'))),
  write: (value) => inStore('session', 'readwrite', (store) => asPromise(store.put(value, 'it'))),
  forget: () => inStore('session', 'readwrite', (store) => asPromise(store.clear())),
};

/** Whoever has signed in on this device, as long as scans of theirs wait: these are sent in their name. */
export const signed = {
  add: (value) => inStore('signed', 'readwrite', (store) => asPromise(store.put(value))),
  all: () => inStore('signed', 'readonly', (store) => asPromise(store.getAll())),
  keep: (ids) => inStore('signed', 'readwrite', async (store) => {
    for (const id of await asPromise(store.getAllKeys())) if (!ids.has(id)) store.delete(id);
  }),
};

export const scans = {
  /** A new one, which waits to be sent. Resolves when it is on the disk. */
  add: (scan) => inStore('scans', 'readwrite', (store) => asPromise(store.add({ ...scan, outcome: '' }))),

  /** All of them, the newest first. */
  all: async () => {
    const rows = await inStore('scans', 'readonly', (store) => asPromise(store.getAll()));
    return rows.sort((a, b) => b.captured_on.localeCompare(a.captured_on));
  },

  /** What the server said of each; the oldest answered ones are thrown away. */
  answer: async (results) => {
    await inStore('scans', 'readwrite', async (store) => {
      for (const result of results) {
        const scan = await asPromise(store.get(result.client_ref));
        if (scan) store.put({ ...scan, outcome: result.outcome, message: result.message ?? '' });
      }
    });
    const old = (await scans.all()).filter((scan) => scan.outcome).slice(SHOWN);
    await inStore('scans', 'readwrite', (store) => { for (const scan of old) store.delete(scan.client_ref); });
  },
};
