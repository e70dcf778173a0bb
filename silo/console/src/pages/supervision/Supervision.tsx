import type { PageProps } from '../../main';

export default function Supervision({ rest }: PageProps) {
  return <h1>Supervision {rest.join(' ')}</h1>;
}
