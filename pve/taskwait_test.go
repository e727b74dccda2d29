package pve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// statuses answers one task status after the other; the last one stays.
func statuses(texts ...string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		text := texts[min(n, len(texts)-1)]
		n++
		replies(fmt.Sprintf(`{"data":{"upid":%q,"node":"pve1","type":"qmrestore","id":"9000","user":"root@pam","starttime":1795394356,%s}}`, recordedTask, text))(w, r)
	}
}

func TestATaskIsWaitedFor(t *testing.T) {
	for _, tt := range []struct{ end, failure string }{
		{"OK", ""},
		{"WARNINGS: 2", ""},
		{"unable to restore CT 9000 - no space", "task qmrestore on node pve1: unable to restore CT 9000 - no space"},
		{"unexpected status", "task qmrestore on node pve1: unexpected status"},
	} {
		s := serve(t, statuses(`"status":"running"`, `"status":"running"`, `"status":"stopped","exitstatus":"`+tt.end+`"`))
		var pauses []time.Duration
		c, _ := connect(t, Config{Wait: func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }}, s.URL)
		task, err := c.WaitTask(context.Background(), "pve1", recordedTask, 3*time.Second)
		if err != nil || task.Running() || task.Status != tt.end {
			t.Fatalf("%+v %v", task, err)
		}
		if len(pauses) != 2 || pauses[0] != 3*time.Second {
			t.Errorf("pauses between looks: %v", pauses)
		}
		failure := task.Err()
		var typed *TaskError
		if (failure == nil) != (tt.failure == "") || failure != nil && (failure.Error() != tt.failure || !errors.As(failure, &typed)) {
			t.Errorf("a task that ended with %q: %v", tt.end, failure)
		}
	}
}

func TestWaitingForATaskEndsWithItsContext(t *testing.T) {
	s := serve(t, statuses(`"status":"running"`))
	ctx, cancel := context.WithCancel(context.Background())
	c, _ := connect(t, Config{Wait: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }}, s.URL)
	task, err := c.WaitTask(ctx, "pve1", recordedTask, time.Second)
	if !errors.Is(err, context.Canceled) || !task.Running() || task.Err() != nil {
		t.Errorf("the task runs on: %+v %v", task, err)
	}
}

func TestALockIsTakenFromTheTaskToo(t *testing.T) {
	if err := (Task{Status: "VM is locked (create)", Type: "qmdestroy"}).Err(); !IsGuestLocked(err) || IsRunning(err) {
		t.Errorf("%v", err)
	}
}

// A reply that names no task leaves open what has begun.
func TestACallThatStartsATaskWantsItsName(t *testing.T) {
	for _, data := range []string{`null`, `"OK"`, `{}`, `7`} {
		s := serve(t, replies(`{"data":`+data+`}`))
		c, _ := connect(t, Config{}, s.URL)
		_, err := c.StartGuest(context.Background(), "pve1", "qemu", 100)
		var decode *DecodeError
		if !errors.As(err, &decode) || !MayHaveChanged(err) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func TestWhatAGuestSays(t *testing.T) {
	ctx := context.Background()
	answer := `{"data":{"result":{"id":"debian","name":"Debian GNU/Linux","pretty-name":"Debian GNU/Linux 13 (trixie)","version":"13 (trixie)","kernel-release":"6.12.48","machine":"x86_64"}}}`
	c, _ := connect(t, Config{}, serve(t, replies(answer)).URL)
	info, err := c.AgentOSInfo(ctx, "pve1", 100)
	if want := (OSInfo{"debian", "Debian GNU/Linux", "Debian GNU/Linux 13 (trixie)", "13 (trixie)", "6.12.48", "x86_64"}); err != nil || info != want {
		t.Errorf("got %+v %v", info, err)
	}
	answer = `{"data":[{"name":"lo","hwaddr":"00:00:00:00:00:00","inet":"127.0.0.1/8","ip-addresses":[]},{"name":"eth0","hwaddr":"bc:24:11:0a:0b:0c","inet":"192.0.2.7/24","inet6":"fe80::1/64"}]}`
	c, _ = connect(t, Config{}, serve(t, replies(answer)).URL)
	cards, err := c.ContainerInterfaces(ctx, "pve1", 100)
	if err != nil || len(cards) != 2 || cards[1] != (Interface{"eth0", "bc:24:11:0a:0b:0c", "192.0.2.7/24", "fe80::1/64"}) {
		t.Errorf("got %+v %v", cards, err)
	}
	answer = `{"data":[{"template":"debian-13-standard_13.1-2_amd64.tar.zst","package":"debian-13-standard","version":"13.1-2","os":"debian-13","section":"system","type":"lxc"}]}`
	c, _ = connect(t, Config{}, serve(t, replies(answer)).URL)
	offered, err := c.AvailableTemplates(ctx, "pve1")
	if err != nil || len(offered) != 1 || !strings.HasPrefix(offered[0].Template, offered[0].Package) || offered[0].OS != "debian-13" {
		t.Errorf("got %+v %v", offered, err)
	}
}
