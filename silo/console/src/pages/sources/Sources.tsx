import type { PageProps } from '../../main';

export default function Sources({ rest }: PageProps) {
  return <h1>Sources {rest.join(' ')}</h1>;
}
