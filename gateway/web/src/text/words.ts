/** Words that several screens share: states, clocks, verbs, roles. Each is said in one place. */
import { listing, say, type Pair } from './text'

const tables = {
  ticketState: {
    FILED: ['已收到，正在派单', 'Received, being routed'],
    DISPATCHED: ['已派单，待签收', 'Routed, not yet signed'],
    IN_PROGRESS: ['办理中', 'In progress'],
    WAITING: ['等您补充', 'Waiting for you'],
    ANSWERED: ['已答复，请您评价', 'Answered: please verify'],
    CLOSED: ['已办结', 'Closed'],
  },
  // The same states as an official names them.
  deskState: {
    FILED: ['待派单', 'To be dispatched'],
    DISPATCHED: ['待签收', 'To be signed'],
    IN_PROGRESS: ['办理中', 'In progress'],
    WAITING: ['等企业补充', 'Waiting for the enterprise'],
    ANSWERED: ['已答复，待评价', 'Answered, to be verified'],
    CLOSED: ['已结案', 'Closed'],
  },
  closeReason: {
    VERIFIED: ['已办结', 'Closed'],
    UNVERIFIED: ['未评价办结（不算解决）', 'Closed unverified (not counted as solved)'],
    WITHDRAWN: ['您已撤回', 'Withdrawn'],
    REJECTED: ['不予受理', 'Not accepted'],
    MERGED: ['已并入另一件', 'Merged into another'],
  },
  clock: {
    DISPATCH: ['派单', 'Dispatch'],
    SIGN: ['签收', 'Sign'],
    CONTACT: ['首次联系', 'First contact'],
    ANSWER: ['答复', 'Answer'],
    VERIFY: ['评价', 'Verify'],
    ORDER_SIGN: ['单位签收', 'Unit signs'],
    HANDLE: ['单位处置', 'Unit handles'],
    RETURN: ['退单裁定', 'Return decided'],
    EXTENSION: ['延期审批', 'Extension decided'],
    DIALOGUE: ['直接对话', 'Direct dialogue'],
  },
  verb: {
    sign: ['签收', 'Sign'], contact: ['联系', 'Contact'], ask: ['补问', 'Ask'], answer: ['答复', 'Answer'], reply: ['补充', 'Reply'],
    dispatch: ['改派', 'Reassign'], return: ['退单', 'Return'], extend: ['延期', 'Extend'], merge: ['并单', 'Merge'], supervise: ['督办', 'Supervise'],
    instruct: ['批示', 'Instruct'], reject: ['驳回', 'Refuse'], verify: ['评价', 'Verify'], reopen: ['没解决，重新办理', 'Not solved: reopen'],
    withdraw: ['撤回', 'Withdraw'], message: ['发消息', 'Write'], note: ['内部记录', 'Internal note'], createWorkOrder: ['派单', 'Assign'],
    signOrder: ['签收', 'Sign'], finishOrder: ['办结', 'Finish'], waiveOrder: ['不再等待', 'Waive'], returnOrder: ['退单', 'Return'],
    decideReturn: ['裁定退单', 'Decide return'], decideExtension: ['审批延期', 'Decide extension'], recordCallback: ['登记回访', 'Record call-back'],
    recordMissedCall: ['未接通', 'Not reached'], nameConflict: ['回避', 'Name conflict'], requestDialogue: ['请求直接对话', 'Ask for a dialogue'],
    takeDialogue: ['安排对话', 'Take dialogue'], holdDialogue: ['登记对话', 'Record dialogue'], declineDialogue: ['不安排对话', 'Decline dialogue'],
    handOnDialogue: ['转交对话', 'Hand on'],
  },
  outcome: {
    SOLVED: ['已解决', 'Solved'], PARTLY: ['部分解决', 'Partly solved'], EXPLAINED: ['已说明', 'Explained'], NOT_POSSIBLE: ['无法办理', 'Not possible'],
  },
  satisfaction: { SATISFIED: ['满意', 'Satisfied'], BASICALLY: ['基本满意', 'Basically satisfied'], DISSATISFIED: ['不满意', 'Dissatisfied'] },
  urgency: { NORMAL: ['一般', 'Normal'], URGENT: ['紧急', 'Urgent'] },
  rung: {
    1: ['提级：单位负责人', 'Raised to the head of the unit'], 2: ['已提级至分管副市长', 'Raised to the vice mayor in charge'],
    3: ['已提级至市长', 'Raised to the mayor'], 4: ['已提级至市长', 'Raised to the mayor'],
  },
  channel: {
    app: ['手机', 'Phone app'], portal: ['网页', 'Portal'], phone: ['电话', 'Phone call'], visit: ['走访', 'Visit'], 'service-day': ['服务日', 'Service day'],
    'dispatch-meeting': ['调度会', 'Dispatch meeting'], agency: ['代办', 'Agency'], import: ['导入', 'Import'],
  },
  orderState: {
    SENT: ['待签收', 'To be signed'], SIGNED: ['处置中', 'Handled'], DONE: ['已反馈', 'Reported'], WAIVED: ['不再等待', 'Waived'], RETURNED: ['已退回', 'Returned'], ENDED: ['已结束', 'Ended'],
  },
  role: {
    ROLE_ATTENDANT: ['首席服务员', 'Chief attendant'], ROLE_AGENT: ['代办员', 'Agent'], ROLE_CLERK: ['单位经办', 'Unit clerk'], ROLE_DISPATCHER: ['派单员', 'Dispatcher'],
    ROLE_SUPERVISOR: ['督办员', 'Supervisor'], ROLE_MAYOR_OFFICE: ['市长办公室', "Mayor's office"], ROLE_LEADER: ['领导', 'Leader'],
    ROLE_CITY_ADMIN: ['城市管理员', 'City administrator'], ROLE_AUDITOR: ['审计员', 'Auditor'], ROLE_MEMBER: ['企业成员', 'Enterprise member'], ROLE_ENTERPRISE_ADMIN: ['企业管理员', 'Enterprise administrator'],
  },
  // Posts are data of the city, in Chinese; these are the common ones.
  post: {
    市长: ['市长', 'Mayor'], 副市长: ['副市长', 'Vice mayor'], 秘书长: ['秘书长', 'Secretary general'], 县长: ['县长', 'County head'], 副县长: ['副县长', 'Deputy county head'], 区长: ['区长', 'District head'],
    局长: ['局长', 'Bureau director'], 副局长: ['副局长', 'Deputy bureau director'], 主任: ['主任', 'Director'], 副主任: ['副主任', 'Deputy director'], 科长: ['科长', 'Section chief'], 副科长: ['副科长', 'Deputy section chief'],
    总经理: ['总经理', 'General manager'], 首席服务员: ['首席服务员', 'Chief attendant'], 代办员: ['代办员', 'Agent'], 办件员: ['办件员', 'Case clerk'], 投资服务专员: ['投资服务专员', 'Investment officer'],
    派单员: ['派单员', 'Dispatcher'], 派单班长: ['派单班长', 'Chief dispatcher'], 督查专员: ['督查专员', 'Inspector'], 市长直通车督查专员: ['市长直通车督查专员', 'Through-Train inspector'],
    督查科科长: ['督查科科长', 'Chief of inspection'], 督查科副科长: ['督查科副科长', 'Deputy chief of inspection'], 审计员: ['审计员', 'Auditor'], 系统管理员: ['系统管理员', 'System administrator'],
  },
} as const satisfies Record<string, Record<string, Pair>>

/** word gives the word for a value of one of the tables; a value that a newer server has stands as it is. */
export function word(table: keyof typeof tables, value: string | number | undefined): string {
  const pair = (tables[table] as Record<string, Pair>)[String(value ?? '')]
  return pair ? say(pair) : String(value ?? '')
}

/** post is what somebody's post is called; they may have several. */
export const post = (title: string | null | undefined): string => (title ?? '').split('、').map(t => word('post', t)).join(listing())
