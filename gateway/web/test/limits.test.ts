/** The cases of the services' own parser. */
import { expect, test } from 'vitest'
import { limitWords } from '@/pages/admin/limits'

test.each([
  ['5 workdays', '5个工作日'], ['1 workday', '1个工作日'], ['0 workdays', '0个工作日'], ['90 working minutes', '90个工作分钟'], ['30 days', '30日'], ['24 hours, roll', '24小时（遇非工作时间顺延）'], [' 20  days,roll ', '20日（遇非工作时间顺延）'],
  ['', ''], ['5', ''], ['days', ''], ['5 weeks', ''], ['-1 days', ''], ['0 days', ''], ['0 working minutes', ''], ['2000 workdays', ''], ['5 workdays, roll', ''], ['90 working minutes, roll', ''], ['24 hours, later', ''], ['1.5 days', ''],
])('%s', (text, words) => { expect(limitWords(text)).toBe(words) })
