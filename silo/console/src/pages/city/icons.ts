import type { Map } from '../../map/basemap';

// Each type of point has a shape of its own, so that nothing is told by its colour alone. They are drawn here: a console without internet has no sprites to fetch.
const SIDE = 26;
const RATIO = 3;

type Draw = (c: CanvasRenderingContext2D) => void;

const polygon =
  (...corners: [number, number][]): Draw =>
  c => {
    c.beginPath();
    for (const [x, y] of corners) c.lineTo(x, y);
    c.closePath();
  };
const square = polygon([4, 4], [22, 4], [22, 22], [4, 22]);
const diamond = polygon([13, 1.5], [24.5, 13], [13, 24.5], [1.5, 13]);
const house = polygon([3, 23], [3, 10], [9, 13], [9, 8], [15, 12], [15, 3], [23, 3], [23, 23]);
const triangle = polygon([13, 1.5], [25, 23.5], [1, 23.5]);
const disc: Draw = c => {
  c.beginPath();
  c.arc(13, 13, 9.5, 0, 7);
};

const text =
  (of: string, y: number, colour: string, px: number): Draw =>
  c => {
    c.fillStyle = colour;
    c.font = `bold ${px}px sans-serif`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillText(of, 13, y);
  };
const lens: Draw = c => {
  c.fillStyle = '#fff';
  c.beginPath();
  c.arc(13, 13, 4, 0, 7);
  c.fill();
};
const scale: Draw = c => {
  c.fillStyle = '#fff';
  c.fillRect(7, 15, 12, 3);
  c.fillRect(11.5, 8, 3, 8);
};
const cross: Draw = c => {
  c.strokeStyle = '#ff5a63';
  c.lineWidth = 3;
  c.beginPath();
  c.moveTo(6, 6);
  c.lineTo(20, 20);
  c.moveTo(20, 6);
  c.lineTo(6, 20);
  c.stroke();
};

function draw(map: Map, name: string, shape: Draw, colour: string, ...more: Draw[]): void {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE * RATIO;
  const c = canvas.getContext('2d')!;
  c.scale(RATIO, RATIO);
  c.lineJoin = 'round';
  shape(c);
  c.fillStyle = colour;
  c.fill();
  c.strokeStyle = '#fff';
  c.lineWidth = 3;
  c.stroke();
  c.strokeStyle = '#0c1014';
  c.lineWidth = 1.3;
  c.stroke();
  for (const each of more) each(c);
  map.addImage(name, c.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
}

/** Draws the icon of every type and state of a point. */
export async function drawIcons(map: Map): Promise<void> {
  draw(map, 'station', square, '#0f7a78', scale);
  draw(map, 'station-off', square, '#4c565f', cross);
  draw(map, 'camera', disc, '#6a4bb5', lens);
  draw(map, 'camera-off', disc, '#4c565f', cross);
  draw(map, 'enterprise', house, '#8a5a1f');
  draw(map, 'enterprise-off', house, '#8a5a1f');
  draw(map, 'truck', diamond, '#f2c200', text('!', 13.5, '#111', 15));
  const colours = ['#2f65d0', '#d9b310', '#e06a10', '#c91522'];
  colours.forEach((colour, i) => draw(map, `case-${i + 1}`, triangle, colour, text(String(i + 1), 16.5, i === 1 || i === 2 ? '#000' : '#fff', 12)));
}
