import type { PageProps } from '../../main';

export default function Models({ rest }: PageProps) {
  return <h1>Models {rest.join(' ')}</h1>;
}
