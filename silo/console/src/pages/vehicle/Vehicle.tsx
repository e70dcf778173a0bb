import type { PageProps } from '../../main';

export default function Vehicle({ rest }: PageProps) {
  return <h1>Vehicle {rest.join(' ')}</h1>;
}
