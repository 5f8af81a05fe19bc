import { type RefObject, useEffect, useState } from 'react'

/** Whether what is inside an element is wider than the element. */
export function useOverflows(box: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false)
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const watcher = new ResizeObserver(() => setOverflows(element.scrollWidth > element.clientWidth + 1))
    watcher.observe(element)
    for (const child of element.children) watcher.observe(child)
    return () => watcher.disconnect()
  })
  return overflows
}
