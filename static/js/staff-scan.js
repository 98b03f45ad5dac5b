// Reads the code on somebody's phone with the camera, in browsers that can. Others type the letters or search.
const LOOK_EVERY_MS = 250;

export async function start(card) {
  const button = card.querySelector("[data-camera]");
  const video = card.querySelector("video");
  const said = card.querySelector("[data-said]");
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (!formats?.includes("qr_code") || !navigator.mediaDevices) return;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  button.hidden = false;
  button.addEventListener("click", look);

  async function look() {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await video.play();
    } catch {
      said.textContent = card.dataset.none;
      return;
    }
    video.hidden = false;
    button.hidden = true;
    said.textContent = card.dataset.words;
    while (video.srcObject) {
      const found = await detector.detect(video).catch(() => []);
      if (found.length) return take(found[0].rawValue);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  function take(text) {
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
    const form = card.querySelector("form");
    form.elements.code.value = text.slice(0, form.elements.code.maxLength);
    form.requestSubmit();
  }

  // A camera that goes on behind another page would frighten anybody.
  window.addEventListener("pagehide", () => video.srcObject?.getTracks().forEach((track) => track.stop()));
}
