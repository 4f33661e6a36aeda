// The camera of the device: asking for it, saying why there is none, and
// letting go of it when the page is left.

/** Why there is no picture: each has a sentence of its own on the page. */
export type Lack = "refused" | "absent" | "busy";

/** Opens the camera that faces a direction, and shows it in a video element. */
export async function openCamera(video: HTMLVideoElement, facing: "environment" | "user"): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no camera here", "NotFoundError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    // ideal, not exact: a laptop has only one camera.
    video: { facingMode: { ideal: facing }, width: { ideal: 1920 }, height: { ideal: 1080 } },
  });
  video.srcObject = stream;
  window.addEventListener("pagehide", () => closeCamera(stream), { once: true });
  await video.play();
  return stream;
}

/** Lets go of the camera, so that its light goes out. */
export function closeCamera(stream: MediaStream | undefined): void {
  for (const t of stream?.getTracks() ?? []) t.stop();
}

/** Tells the three reasons apart. */
export function lack(e: unknown): Lack {
  const name = e instanceof Error || e instanceof DOMException ? e.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotReadableError" || name === "AbortError" || name === "TrackStartError") return "busy";
  return "absent";
}

/** The picture a video shows, at most so large, as a JPEG: a canvas knows no place and no device. */
export function still(video: HTMLVideoElement, size: [number, number]): HTMLCanvasElement {
  const c = document.createElement("canvas");
  [c.width, c.height] = size;
  c.getContext("2d")!.drawImage(video, 0, 0, c.width, c.height);
  return c;
}

export function jpeg(c: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((done, fail) => c.toBlob((b) => (b ? done(b) : fail(new Error("no picture"))), "image/jpeg", quality));
}
