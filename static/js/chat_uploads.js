// Sends a message's files before the message itself, one after the other, each with its own id. No page in here.
// Sent again with the same id it is the same file, so whatever was lost on the way may go once more.

const SILENT_MS = 30_000;
/** When the last byte has gone the server draws the photo anew and looks for viruses, perhaps behind others'. */
const JUDGED_MS = 180_000;

/**
 * item: {to, files: [{clientId, name, blob}]}; what has no blob has been received before.
 * outbox: where it is noted what the server has, so that a tab opened anew does not send it again.
 * Gives null when the server has them all, else the answer {status, data, retryAfter, file} that stops the message.
 */
export async function sendFiles(item, { token, told = () => {}, outbox, signal, send = sendFile }) {
  const { to, files = [] } = item;
  for (const file of files) {
    if (!file.blob || file.isReceived) continue;
    const answer = await send(to.replace(/melding$/, "fil"), file, { token, signal, told: (part) => told(file, part) });
    if (answer.status !== 200 && answer.status !== 201) return { ...answer, file };
    file.isReceived = true;
    await note(outbox, item);
    told(file, 1);
  }
  return null;
}

/** Where the phone cannot keep the note, the file goes once more, and the server has it once. */
async function note({ database }, { clientId, files }) {
  try {
    const { store } = (await database).transaction("outbox", "readwrite");
    const number = await store.index("clientId").getKey(clientId);
    if (number !== undefined) await store.put({ ...(await store.get(number)), files });
  } catch {
    // Nothing is kept here.
  }
}

/** Sends one file; never throws. status 0: no answer came, or nothing moved for too long. */
export function sendFile(address, file, { token, told, signal }) {
  const form = new FormData();
  form.append("client_id", file.clientId);
  form.append("file", file.blob, file.name);
  const request = new XMLHttpRequest(); // fetch cannot tell how far it has come
  return new Promise((resolve) => {
    let silence;
    const stop = () => request.abort();
    const heard = (patience = SILENT_MS) => {
      clearTimeout(silence);
      silence = setTimeout(stop, patience);
    };
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      heard();
      told(total ? loaded / total : 0);
    });
    request.upload.addEventListener("load", () => heard(JUDGED_MS));
    request.addEventListener("loadend", () => {
      clearTimeout(silence);
      signal?.removeEventListener("abort", stop);
      const retryAfter = Number(request.getResponseHeader("Retry-After") ?? 0);
      resolve({ status: request.status, data: request.response ?? {}, retryAfter });
    });
    signal?.addEventListener("abort", stop);
    heard();
    request.send(form);
  });
}
