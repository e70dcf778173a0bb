import type { PageProps } from '../../main';

export default function Place({ rest }: PageProps) {
  return <h1>Place {rest.join(' ')}</h1>;
}
