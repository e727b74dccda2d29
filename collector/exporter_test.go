package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
)

func TestReloadKeepsTheTimeOfTheLastSuccess(t *testing.T) {
	value := func(r *Reload, name string) string {
		registered, err := testutil.CollectAndFormat(r, expfmt.TypeTextPlain, name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(registered)), "\n")
		_, shown, _ := strings.Cut(lines[len(lines)-1], name+" ")
		return shown
	}
	reload := &Reload{}
	if got := testutil.CollectAndCount(reload); got != 0 {
		t.Errorf("before the first loading: got %d series, want 0", got)
	}
	reload.Failed()
	if got := value(reload, ConfigReloadSuccessful); got != "0" {
		t.Errorf("after a failure: got %s, want 0", got)
	}
	if got := testutil.CollectAndCount(reload, ConfigReloadTime); got != 0 {
		t.Error("a file that was never loaded has a time of success")
	}
	reload.Succeeded(time.Unix(1700000000, 0))
	reload.Failed()
	if got := value(reload, ConfigReloadTime); got != "1.7e+09" {
		t.Errorf("a failed reload must keep the time of the success before it: got %s", got)
	}
	reload.Succeeded(time.Unix(1800000000, 0))
	if got := value(reload, ConfigReloadSuccessful); got != "1" {
		t.Errorf("after a success: got %s, want 1", got)
	}
}

func TestBuildInfoKeepsItsName(t *testing.T) {
	if got := testutil.CollectAndCount(NewBuildInfo(), BuildInfo); got != 1 {
		t.Errorf("got %d series named %s, want 1", got, BuildInfo)
	}
}
