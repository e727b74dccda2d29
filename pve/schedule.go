package pve

import (
	"context"
	"net/url"
	"strconv"
)

// ScheduleAnalyze returns the next runs of a calendar event after a moment, in Unix seconds, at most iterations and at most 100, by the
// answering node's own code and in its time zone (GET /cluster/jobs/schedule-analyze, since 7.1). One that never fires again has none. For an
// event that is not valid, the error's Fields tell why under "schedule".
func (c *Client) ScheduleAnalyze(ctx context.Context, schedule string, start int64, iterations int) ([]int64, error) {
	query := url.Values{
		"schedule":   {schedule},
		"starttime":  {strconv.FormatInt(start, 10)},
		"iterations": {strconv.Itoa(min(max(iterations, 1), 100))},
	}
	runs, _, err := fetchRows(ctx, c, query, func(r *record) int64 { return requiredInteger(r, "timestamp") }, "/cluster/jobs/schedule-analyze")
	return runs, err
}
