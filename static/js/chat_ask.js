// Questions from the open conversation to our server.

/** Asks our server; never throws. status 0: no answer came. */
export async function ask(address, { body, token } = {}) {
  const headers = { Accept: "application/json" };
  if (body) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token });
  try {
    const answer = await fetch(address, {
      method: body && "POST",
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(20_000),
    });
    const data = await answer.json().catch(() => ({}));
    return { status: answer.status, data, retryAfter: Number(answer.headers.get("Retry-After")) };
  } catch {
    return { status: 0, data: {} };
  }
}
