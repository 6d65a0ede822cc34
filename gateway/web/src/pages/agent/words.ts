/** Words of the agency for officials and enterprises alike. */
import { say, type Pair } from '@/text/text'
import type { Shape } from '@/ui/TtShape.vue'

const tables = {
  caseState: {
    APPLIED: ['待受理', 'Applied'], OPEN: ['代办中', 'Open'], COMPLETED: ['已办成', 'Completed'], DECLINED: ['未受理', 'Declined'], CLOSED: ['已结束', 'Closed'],
  },
  eligibility: {
    MUNICIPAL_APPROVAL: ['需市级审批、核准或备案', 'Needs a municipal approval'], SPANS_COUNTIES: ['跨县区', 'Spans counties'], ARRANGED_BY_CITY: ['市里安排', 'Arranged by the city'],
  },
  itemState: {
    PLANNED: ['未申报', 'Not handed in'], RECEIVED: ['已接件', 'Received'], RETRACTED: ['已撤件', 'Taken back'], WINDOW_ACCEPTED: ['窗口受理', 'Accepted'], NOT_ACCEPTED: ['不受理', 'Not accepted'],
    ACCEPTANCE_REFUSED: ['不予受理', 'Acceptance refused'], CORRECTION_OPEN: ['补正中', 'Being corrected'], CORRECTED: ['已补正', 'Corrected'], DEPARTMENT_ACCEPTED: ['部门受理', 'With the department'],
    PROCEDURE_OPEN: ['特别程序', 'Special procedure'], PROCEDURE_ENDED: ['特别程序结束', 'Procedure ended'], APPROVED: ['办结通过', 'Approved'], APPROVED_TOLERANTLY: ['容缺通过', 'Approved, documents to follow'],
    REFUSED: ['办结不通过', 'Refused'], WITHDRAWN: ['已撤回', 'Withdrawn'], REVOKED: ['已撤销', 'Revoked'], WITHDRAWAL_PENDING: ['撤件待确认', 'Withdrawal asked for'], DROPPED: ['不再需要', 'Not needed any more'],
  },
  kind: { approval: ['审批', 'Approval'], verification: ['核准', 'Verification'], filing: ['备案', 'Filing'], utility: ['市政接入', 'Utility'] },
  commitmentKind: { TOLERANCE: ['容缺承诺', 'Documents to follow'], PROMISE: ['告知承诺', 'Approval on a promise'] },
  commitmentState: {
    SIGNED: ['已签', 'Signed'], RUNNING: ['履行中', 'Running'], KEPT: ['已兑现', 'Kept'], BROKEN: ['已违约', 'Broken'], RELEASED: ['已解除', 'Released'], TO_FIX: ['待整改', 'To be put right'],
  },
  consequence: { withdrawn: ['视为撤回申请', 'The application counts as withdrawn'], refused: ['不予通过', 'It is refused'], revoked: ['撤销决定', 'The approval is revoked'] },
  material: {
    COMPLETE: ['齐', 'there'], MISSING: ['缺', 'missing'], COMMITTED: ['容缺', 'committed to'], TO_CORRECT: ['补正', 'to be corrected'], EXPIRED: ['已过期', 'expired'], SHARED: ['共享获取', 'from shared data'],
    AWAITED: ['待前序', 'comes with another decision'], NOT_NEEDED: ['不需要', 'not needed'],
  },
  agreement: { TO_SIGN: ['待签订', 'To be signed'], SIGNING: ['签订中', 'Being signed'], TO_SEAL: ['待签章', 'To be sealed'], SIGNED: ['已签订', 'Signed'], TERMINATED: ['已终止', 'Ended'] },
  clock: {
    ADMIT: ['受理代办', 'Admit'], ASSIGN: ['派代办员', 'Name an agent'], REQUEST: ['提供材料', 'Supply a document'], ACCEPT: ['受理或补正', 'Accept or notify'], CORRECT: ['补正', 'Correct'], STATUTORY: ['法定时限', 'By law'],
    PROMISED: ['承诺时限', 'As promised'], PROCEDURE: ['特别程序', 'Procedure'], OPINION: ['会审意见', 'Opinion'], COMMITMENT: ['容缺补齐', 'Commitment'], DELIVER: ['送达证照', 'Deliver'], WITHDRAWAL: ['确认撤件', 'Withdrawal'],
    EXTENSION: ['答复延期', 'Extension'], FULFIL: ['履行承诺', 'Fulfil'], CHECK: ['核查承诺', 'Check'], ENTRUSTMENT: ['委托到期', 'Entrustment ends'],
  },
  procedure: { hearing: ['听证', 'Hearing'], test: ['检验检测', 'Test'], 'expert-review': ['专家评审', 'Expert review'], publicity: ['公示', 'Publicity'], inspection: ['现场勘验', 'Inspection'], bidding: ['招标拍卖', 'Bidding'] },
  opinion: { agree: ['同意', 'Agrees'], object: ['不同意', 'Objects'], silent: ['逾期未答', 'Silent'] },
  supplier: { enterprise: ['企业', 'Enterprise'], agent: ['代办员', 'Agent'], department: ['县区投资部门', 'County department'], centre: ['代办中心', 'Agency centre'], unit: ['单位', 'Unit'], system: ['共享数据', 'Shared data'] },
  ticketReason: { stuck: ['长时间未动', 'Stuck'], refused: ['未通过', 'Refused'], overdue: ['已超时', 'Overdue'], other: ['其他', 'Other'] },
} as const satisfies Record<string, Record<string, Pair>>

/** agencyWord gives the word for a value of one of the tables; a value that a newer server has stands as it is. */
export function agencyWord(table: keyof typeof tables, value: string | undefined): string {
  const pair = (tables[table] as Record<string, Pair>)[value ?? '']
  return pair ? say(pair) : value ?? ''
}

/** itemShape is the shape of an item's state. */
export function itemShape(item: { state?: string, overdue?: boolean, stuck?: boolean }): Shape {
  if (item.overdue) return 'over'
  if (item.stuck) return 'soon'
  switch (item.state) {
    case 'APPROVED': return 'met'
    case 'APPROVED_TOLERANTLY': return 'met'
    case 'REFUSED': case 'REVOKED': case 'ACCEPTANCE_REFUSED': return 'lost'
    case 'CORRECTION_OPEN': case 'PROCEDURE_OPEN': case 'WITHDRAWAL_PENDING': return 'paused'
    case 'PLANNED': case 'DROPPED': case 'RETRACTED': case 'WITHDRAWN': case 'NOT_ACCEPTED': case undefined: return 'tocome'
    default: return 'running'
  }
}

/** commitmentShape is the shape of a commitment's state. */
export function commitmentShape(state: string | undefined): Shape {
  return state === 'KEPT' ? 'met' : state === 'BROKEN' ? 'over' : state === 'TO_FIX' ? 'soon' : state === 'RELEASED' ? 'lost' : 'running'
}

/** caseShape is the shape of a case's state. */
export function caseShape(state: string | undefined): Shape {
  return state === 'COMPLETED' ? 'met' : state === 'OPEN' ? 'running' : state === 'APPLIED' ? 'tocome' : 'lost'
}
