/**
 * One question to the server at a time: of those that come while an answer is on its way, only the newest is asked.
 * `question(asked)` puts it; `take(answer, asked)` gets the answer, which is null where the server gave none.
 */
export function newest(question, take) {
  let waiting = [];
  let isAsking = false;

  async function ask(asked) {
    waiting = [asked];
    if (isAsking) return;
    isAsking = true;
    while (waiting.length) {
      const next = waiting.pop();
      take(await Promise.resolve(question(next)).catch(() => null), next);
    }
    isAsking = false;
  }

  return { ask, isAsking: () => isAsking };
}
