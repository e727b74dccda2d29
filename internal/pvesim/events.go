package pvesim

import "container/heap"

// event is something that will happen. Events of one second happen in the order in which they were planned.
type event struct {
	at  int64 // Unix seconds
	seq uint64
	do  func()
}

// eventQueue holds what is to come; the zero queue is empty.
type eventQueue struct {
	heap eventHeap
	seq  uint64
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = event{}
	*h = (*h)[:len(*h)-1]
	return last
}

// schedule plans do for a moment; one that has passed means now.
func (c *Cluster) schedule(at int64, do func()) {
	c.queue.seq++
	heap.Push(&c.queue.heap, event{max(at, c.at), c.queue.seq, do})
}

// catchUp makes everything happen that is due by now. The clock going back changes nothing.
func (c *Cluster) catchUp(now int64) {
	for len(c.queue.heap) > 0 && c.queue.heap[0].at <= now {
		next := heap.Pop(&c.queue.heap).(event)
		c.at = next.at
		next.do()
	}
	c.at = max(c.at, now)
}
