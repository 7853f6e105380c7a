const actions = new Set<() => void>();
let armed = false;

/** Runs a synchronous action when this process ends, by itself or by a signal; gives what takes it back. */
export function atExit(action: () => void): () => void {
  arm();
  actions.add(action);
  return () => {
    actions.delete(action);
  };
}

function arm(): void {
  if (armed) return;
  armed = true;
  process.once("exit", runAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, function end() {
      // Not `once`: a second signal, and a runner often sends one, would cut the cleaning short.
      runAll();
      process.off(signal, end);
      process.kill(process.pid, signal);
    });
  }
}

function runAll(): void {
  // The last begun ends first: a server before the folder that it writes to.
  for (const action of [...actions].reverse()) {
    actions.delete(action);
    attempt(action);
  }
}

/** One failure must not keep the other actions from running: the process is ending anyway. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    process.stderr.write(`cleaning up at exit: ${String(error)}\n`);
  }
}
