import type { PageProps } from '../../main';

export default function City({ rest }: PageProps) {
  return <h1>City {rest.join(' ')}</h1>;
}
