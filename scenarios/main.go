// Scenarios plays stories of clusters and says how well the alerting rules tell them: every real failure in time, and nothing else.
//
// A story is a file; docs/scenarios.md tells how to write one. Each is played under both levels of rights. Beside the rules of this
// project two rule sets that people use today are judged by the same stories.
//
//	go run . -stories stories -run 'node|storage'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func main() {
	// Last days of exemptions end at midnight of the exporter's zone; stories are told in UTC.
	time.Local = time.UTC
	debug.SetGCPercent(1600)                         // memory is there, time is not
	otel.SetTracerProvider(noop.NewTracerProvider()) // nobody looks at the engine's traces
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		ui.PrintError(os.Stderr, "scenarios", err)
		os.Exit(1)
	}
}

// settings are the command's flags.
type settings struct {
	stories, rules, baseline string
	only                     *regexp.Regexp
	workers                  int
	verbose                  bool
	query                    string         // what to ask in every story
	at                       model.Duration // and when
}

func read(args []string, talk io.Writer) (settings, error) {
	flags := flag.NewFlagSet("scenarios", flag.ContinueOnError)
	flags.SetOutput(talk)
	s := settings{}
	flags.StringVar(&s.stories, "stories", "stories", "a folder of story files, or one of them")
	flags.StringVar(&s.rules, "rules", filepath.Join("..", "alerts"), "the folder of the rule files to judge")
	flags.StringVar(&s.baseline, "baseline", "baseline", "the folder of the rule sets to compare with, one a file")
	flags.IntVar(&s.workers, "workers", runtime.NumCPU(), "how many stories to play at a time")
	flags.BoolVar(&s.verbose, "v", false, "show what fired in every story")
	flags.StringVar(&s.query, "query", "", "an expression to evaluate in every story; see -at")
	at := flags.String("at", "1d", "how long after the beginning to evaluate it")
	only := flags.String("run", "", "play only stories whose file names match")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	var err error
	if s.at, err = model.ParseDuration(*at); err != nil {
		return s, err
	}
	s.only, err = regexp.Compile(*only)
	return s, err
}

var errNotAsTold = errors.New("not every story went as it is told")

func run(ctx context.Context, args []string, out, talk io.Writer) error {
	s, err := read(args, talk)
	if err != nil {
		return err
	}
	suite, err := newSuite(s)
	if err != nil {
		return err
	}
	began := time.Now()
	results, err := suite.play(ctx, talk)
	if err != nil {
		return err
	}
	score(out, results, suite.sets)
	fmt.Fprintf(out, "\n%d stories under two levels of rights in %s\n", len(suite.stories), time.Since(began).Round(time.Second))
	if !good(results) {
		return errNotAsTold
	}
	return nil
}
