import { make } from './elements.js';

const LARGEST = 2 * 2 ** 20; // bytes that the server takes
const SIDE = 640; // what is larger comes to this many pixels: at 4 bytes each that always fits
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/tiff'];

/** Four ways to a photo: a file, a drop onto `target`, the clipboard and the camera. `onphoto(blob)` gets each one. */
export function photoSources(target, onphoto, said) {
  const file = make('input', { type: 'file', accept: TYPES.join(), hidden: true, onchange: chosen });
  const camera = make('button', { type: 'button', class: 'ae-button', onclick: film }, 'Use the camera');
  const shoot = make('button', { type: 'button', class: 'ae-button ae-primary', hidden: true, onclick: take }, 'Take the photo');
  const video = make('video', { class: 'ae-pad', hidden: true, playsinline: true, 'aria-label': 'The camera' });
  video.muted = true;
  const buttons = make('div', { class: 'ae-chips' },
    make('button', { type: 'button', class: 'ae-button', onclick: () => file.click() }, 'Upload a photo'),
    make('button', { type: 'button', class: 'ae-button', onclick: paste }, 'Paste'),
    camera, shoot, file);

  function chosen() {
    if (file.files[0]) onphoto(file.files[0]);
    file.value = ''; // so that the same file can be chosen again
  }

  async function paste() {
    try {
      const items = await navigator.clipboard.read();
      const item = items.find((one) => one.types.some(isPicture));
      if (item) onphoto(await item.getType(item.types.find(isPicture)));
      else said('There is no picture in the clipboard.');
    } catch {
      said('This browser does not hand over its clipboard at a click: press Control V (on a Mac, Command V).');
    }
  }

  function pasted(event) {
    if (!target.isConnected) document.removeEventListener('paste', pasted);
    else if (target.offsetParent) found(event.clipboardData, event);
  }

  function found(transfer, event) {
    const picture = [...transfer.files].find((one) => isPicture(one.type));
    if (!picture) return;
    event.preventDefault();
    onphoto(picture);
  }

  async function film() {
    if (video.srcObject) return stop();
    if (!navigator.mediaDevices) return said('This browser gives no camera to a page that did not come by https.');
    camera.disabled = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      await video.play();
      follow(true);
      if (!video.offsetParent) stop(); // allowed when the visitor had gone elsewhere
    } catch (problem) {
      stop();
      said(problem.name === 'NotAllowedError' ? 'The camera was not allowed.' : 'There is no camera that could be used.');
    }
    camera.disabled = false;
  }

  function take() {
    const canvas = reduced(video, video.videoWidth, video.videoHeight);
    stop();
    canvas.toBlob(onphoto, 'image/png');
  }

  function stop() {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    follow(false);
  }

  function follow(isOn) {
    video.hidden = shoot.hidden = !isOn;
    target.hidden = isOn;
    camera.textContent = isOn ? 'Camera off' : 'Use the camera';
  }

  target.addEventListener('dragover', (event) => event.preventDefault());
  target.addEventListener('drop', (event) => found(event.dataTransfer, event));
  document.addEventListener('paste', pasted);
  new IntersectionObserver(([seen]) => { if (!seen.isIntersecting) stop(); }).observe(video); // nobody is filmed unawares
  return { buttons, video };
}

/** A picture as the server takes it: base64 of the file, which the browser reduces where it is too large. */
export async function forServer(blob) {
  const small = blob.size > LARGEST ? await smaller(blob) : blob;
  const bytes = new Uint8Array(await small.arrayBuffer());
  let letters = '';
  for (let i = 0; i < bytes.length; i += 8192) letters += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(letters);
}

async function smaller(blob) {
  const picture = await createImageBitmap(blob).catch(() => null);
  if (!picture) throw new Error('This file is larger than 2 MB, and this browser cannot read it to make it smaller.');
  const canvas = reduced(picture, picture.width, picture.height);
  picture.close();
  return new Promise((done) => { canvas.toBlob(done, 'image/png'); });
}

function reduced(picture, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const size = [width, height].map((length) => Math.max(1, Math.round(scale * length)));
  const canvas = make('canvas', { width: size[0], height: size[1] });
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, ...size);
  return canvas;
}

const isPicture = (type) => type.startsWith('image/');
