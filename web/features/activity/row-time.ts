const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const DAY_MS = 86_400_000

/** The clock for what is less than a day old, else day and clock. */
export function rowTime(at: string): string {
  const moment = new Date(at)
  return (Date.now() - moment.getTime() < DAY_MS ? clock : day).format(moment)
}
