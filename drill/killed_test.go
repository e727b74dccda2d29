package drill

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
)

// moments lists the requests of a drill that succeeds: whether each changes something. Of those that do not, a short test takes a few.
func moments(t *testing.T, guest string) (numbers []int, writes map[int]bool) {
	t.Helper()
	b := newBench(t)
	writes = map[int]bool{}
	b.before = func(number int, request *http.Request) {
		writes[number] = request.Method != http.MethodGet
		if writes[number] || !testing.Short() || number%8 == 0 {
			numbers = append(numbers, number)
		}
	}
	if made := b.run(t.Context(), guests(guest)); made.err != nil {
		t.Fatal(made.err)
	}
	return numbers, writes
}

// TestKilledAtAnyMoment ends the process before and after each of its requests. Whatever moment it was: the next run leaves nothing behind, the
// source is as it was, and no result is made up.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, guest := range []string{"qemu/100", "lxc/101"} {
		numbers, writes := moments(t, guest)
		for _, at := range numbers {
			for _, late := range []bool{false, true} {
				if late && !writes[at] {
					continue // the same as before the next one
				}
				t.Run(fmt.Sprintf("%s at %d late %t", guest, at, late), func(t *testing.T) {
					b := newBench(t)
					end := func(number int, _ *http.Request) {
						if number == at {
							kill()
						}
					}
					if b.before = end; late {
						b.before, b.after = nil, end
					}
					made := b.run(t.Context(), guests(guest))
					if made.data != "" {
						t.Fatalf("it was not killed: %s", made.data)
					}
					b.before, b.after = nil, nil
					if known := b.known(guest); known.Tried != nil {
						t.Errorf("remembered %+v", known.Tried)
					}
					b.untouched()
					b.clock.Advance(time.Hour)
					next := b.run(t.Context(), guests(guest))
					if next.err != nil || next.document.Drills[0].Verdict != result.Success {
						t.Errorf("the next run: %v\n%s", next.err, next.talk)
					}
					b.clean()
				})
			}
		}
	}
}

// TestKilledWithinSeconds has the next run begin at once, while the task of the killed one still runs.
func TestKilledWithinSeconds(t *testing.T) {
	for _, guest := range []string{"qemu/100", "lxc/101"} {
		t.Run(guest, func(t *testing.T) {
			b := newBench(t)
			b.after = func(_ int, request *http.Request) {
				if request.Method == http.MethodPost {
					kill()
				}
			}
			b.run(t.Context(), guests(guest))
			b.after = nil
			if len(b.left()) != 1 {
				t.Fatal("there is no restore at work: the story is another one")
			}
			if next := b.run(t.Context(), func(o *Options) { o.CleanOnly = true }); next.err != nil {
				t.Errorf("%v\n%s", next.err, next.talk)
			}
			b.clean()
		})
	}
}

// TestInterruptedAtAnyMoment sends a signal before each request: the run itself removes what it made.
func TestInterruptedAtAnyMoment(t *testing.T) {
	for _, guest := range []string{"qemu/100", "lxc/101"} {
		numbers, _ := moments(t, guest)
		for _, at := range numbers {
			t.Run(fmt.Sprintf("%s at %d", guest, at), func(t *testing.T) {
				b := newBench(t)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				b.before = func(number int, _ *http.Request) {
					if number == at {
						stop()
					}
				}
				made := b.run(ctx, guests(guest))
				b.clean()
				for _, each := range made.document.Drills {
					if each.Verdict == result.Failed {
						t.Errorf("a signal tells nothing about the backup: %+v", each)
					}
				}
			})
		}
	}
}
