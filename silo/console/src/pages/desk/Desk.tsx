import type { PageProps } from '../../main';

export default function Desk({ rest }: PageProps) {
  return <h1>Desk {rest.join(' ')}</h1>;
}
