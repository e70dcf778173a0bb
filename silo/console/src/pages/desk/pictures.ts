/** The longest side of a picture that had to be made smaller, pixels. */
const SIDE = 2560;

/** A picture of at most so many bytes: as it is where it fits, so that what the camera wrote into it stays, else made smaller. */
export async function fitted(file: File, bytes: number): Promise<Blob> {
  if (file.size <= bytes) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, failed) => canvas.toBlob(made => (made ? done(made) : failed(new Error('no picture'))), 'image/jpeg', 0.85));
}

/** Its bytes as base64. */
export const base64 = (picture: Blob): Promise<string> =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(picture);
  });
