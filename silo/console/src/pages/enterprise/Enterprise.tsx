import type { PageProps } from '../../main';

export default function Enterprise({ rest }: PageProps) {
  return <h1>Enterprise {rest.join(' ')}</h1>;
}
