// What other pages use of cases.
export { CaseView } from './CaseView';
export { CasesOf } from './CasesOf';
export { Files } from './files';
export { KeyHelp } from './help';
export { type Case, type Order, decides, isMine, nearness, newKey } from './model';
export { reviewFrom, useKeys } from './review';
export { actionName, channelName, resultName, routingReason, whatName } from './words';
