import type { PageProps } from '../../main';

export default function Cases({ rest }: PageProps) {
  return <h1>Cases {rest.join(' ')}</h1>;
}
