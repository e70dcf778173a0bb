import type { PageProps } from '../../main';
import { CaseList } from './CaseList';
import { CasePage } from './CasePage';

export default function Cases({ rest }: PageProps) {
  return rest[0] ? <CasePage id={rest[0]} /> : <CaseList />;
}
