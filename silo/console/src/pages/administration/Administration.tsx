import type { PageProps } from '../../main';

export default function Administration({ rest }: PageProps) {
  return <h1>Administration {rest.join(' ')}</h1>;
}
