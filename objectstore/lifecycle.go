package objectstore

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// LifecycleRule is a rule by which a server removes objects or versions by itself.
type LifecycleRule struct {
	ID      string
	Enabled bool
	Prefix  string // of the keys that it holds for; empty: all

	NoncurrentDays          int  // earlier versions go this many days after they were replaced; 0: they stay
	NewerNoncurrentVersions int  // of which this many newest stay for longer
	ExpiredObjectDeleteMark bool // a delete marker goes when nothing else is left of its object
	Expires                 bool // current versions go too, after some time or at a date
	ExpirationDays          int  // after this many days, where it is not a date

	// Other says that the rule has more to it than that: it holds for objects with certain tags or sizes only, or moves them elsewhere.
	Other bool

	raw []byte // as the server gave it; nil for one that was made here
}

// Same reports whether two rules mean the same, whatever their ids. One with more to it than is known here is the same as none.
func (r *LifecycleRule) Same(other *LifecycleRule) bool {
	return r.Enabled == other.Enabled && r.Prefix == other.Prefix && r.NoncurrentDays == other.NoncurrentDays &&
		r.NewerNoncurrentVersions == other.NewerNoncurrentVersions && r.ExpiredObjectDeleteMark == other.ExpiredObjectDeleteMark &&
		r.Expires == other.Expires && r.ExpirationDays == other.ExpirationDays && !r.Other && !other.Other
}

// The forms of the configuration. A rule is kept as it came, so that one of somebody else goes back unchanged, whatever is in it.
type (
	lifecycleXML struct {
		XMLName xml.Name     `xml:"LifecycleConfiguration"`
		Space   string       `xml:"xmlns,attr"`
		Rules   []rawRuleXML `xml:"Rule"`
	}
	rawRuleXML struct {
		Inner []byte `xml:",innerxml"`
	}
	ruleXML struct {
		ID         string          `xml:"ID"`
		Status     string          `xml:"Status"`
		Prefix     string          `xml:"Prefix"`
		Filter     filterXML       `xml:"Filter"`
		Expiration *expirationXML  `xml:"Expiration"`
		Noncurrent *noncurrentXML  `xml:"NoncurrentVersionExpiration"`
		Rest       []unreadElement `xml:",any"`
	}
	filterXML struct {
		Prefix string          `xml:"Prefix"`
		And    andXML          `xml:"And"`
		Rest   []unreadElement `xml:",any"`
	}
	andXML struct {
		Prefix string          `xml:"Prefix"`
		Rest   []unreadElement `xml:",any"`
	}
	expirationXML struct {
		Days   int             `xml:"Days"`
		Date   string          `xml:"Date"`
		Marker bool            `xml:"ExpiredObjectDeleteMarker"`
		Rest   []unreadElement `xml:",any"`
	}
	noncurrentXML struct {
		Days  int             `xml:"NoncurrentDays"`
		Newer int             `xml:"NewerNoncurrentVersions"`
		Rest  []unreadElement `xml:",any"`
	}
	unreadElement struct {
		Inner string `xml:",innerxml"`
	}
)

const lifecycleSpace = "http://s3.amazonaws.com/doc/2006-03-01/"

// Lifecycle reads a bucket's rules, none where it has none. The reason of an error is [NotImplemented] where the server knows no such thing. One request.
func (c *Client) Lifecycle(ctx context.Context, bucket string) ([]LifecycleRule, error) {
	ctx, e, err := c.beginSigned(ctx, 1, "read the lifecycle rules of bucket %s", bucket)
	if err != nil {
		return nil, err
	}
	defer e.stop()
	content, err := e.signed(ctx, http.MethodGet, "/"+bucket, url.Values{"lifecycle": {""}}, nil)
	if codeOf(err) == "NoSuchLifecycleConfiguration" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var configuration struct {
		XMLName xml.Name     `xml:"LifecycleConfiguration"`
		Rules   []rawRuleXML `xml:"Rule"`
	}
	if err := xml.Unmarshal(content, &configuration); err != nil {
		return nil, e.unreadable("lifecycle configuration")
	}
	rules := make([]LifecycleRule, 0, len(configuration.Rules))
	for _, raw := range configuration.Rules {
		rule, err := readRule(raw.Inner)
		if err != nil {
			return nil, e.unreadable("lifecycle configuration")
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// SetLifecycle puts rules in the place of those that a bucket has; without any, it has none. A rule that [Client.Lifecycle] returned goes back word for
// word, whatever was changed in it: make a new one for that. One request.
func (c *Client) SetLifecycle(ctx context.Context, bucket string, rules []LifecycleRule) error {
	ctx, e, err := c.beginSigned(ctx, 1, "write the lifecycle rules of bucket %s", bucket)
	if err != nil {
		return err
	}
	defer e.stop()
	if len(rules) == 0 {
		_, err := e.signed(ctx, http.MethodDelete, "/"+bucket, url.Values{"lifecycle": {""}}, nil)
		return err
	}
	configuration := lifecycleXML{Space: lifecycleSpace}
	for i := range rules {
		configuration.Rules = append(configuration.Rules, rawRuleXML{Inner: rules[i].write()})
	}
	body, err := xml.Marshal(configuration)
	if err != nil {
		return e.failure(Other, err)
	}
	_, err = e.signed(ctx, http.MethodPut, "/"+bucket, url.Values{"lifecycle": {""}}, body)
	return err
}

func readRule(raw []byte) (LifecycleRule, error) {
	var read ruleXML
	if err := xml.Unmarshal(fmt.Appendf(nil, "<Rule>%s</Rule>", raw), &read); err != nil {
		return LifecycleRule{}, err
	}
	rule := LifecycleRule{
		ID: read.ID, Enabled: strings.EqualFold(read.Status, "Enabled"), Prefix: read.Prefix + read.Filter.Prefix + read.Filter.And.Prefix,
		Other: unread(read.Rest) || unread(read.Filter.Rest) || unread(read.Filter.And.Rest), raw: bytes.Clone(raw),
	}
	if each := read.Expiration; each != nil {
		rule.ExpirationDays, rule.ExpiredObjectDeleteMark = each.Days, each.Marker
		rule.Expires = each.Days > 0 || each.Date != ""
		rule.Other = rule.Other || unread(each.Rest)
	}
	if each := read.Noncurrent; each != nil {
		rule.NoncurrentDays, rule.NewerNoncurrentVersions = each.Days, each.Newer
		rule.Other = rule.Other || unread(each.Rest)
	}
	return rule, nil
}

// unread reports elements that say something.
func unread(rest []unreadElement) bool {
	for _, each := range rest {
		if strings.TrimSpace(each.Inner) != "" {
			return true
		}
	}
	return false
}

// write gives a rule's content.
func (r *LifecycleRule) write() []byte {
	if r.raw != nil {
		return r.raw
	}
	var out bytes.Buffer
	text := func(name, value string) {
		out.WriteString("<" + name + ">")
		_ = xml.EscapeText(&out, []byte(value)) // a buffer takes all
		out.WriteString("</" + name + ">")
	}
	text("ID", r.ID)
	text("Status", map[bool]string{true: "Enabled", false: "Disabled"}[r.Enabled])
	out.WriteString("<Filter>")
	text("Prefix", r.Prefix)
	out.WriteString("</Filter>")
	if r.ExpiredObjectDeleteMark {
		out.WriteString("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>")
	}
	if r.NoncurrentDays > 0 {
		out.WriteString("<NoncurrentVersionExpiration>")
		text("NoncurrentDays", fmt.Sprint(r.NoncurrentDays))
		if r.NewerNoncurrentVersions > 0 {
			text("NewerNoncurrentVersions", fmt.Sprint(r.NewerNoncurrentVersions))
		}
		out.WriteString("</NoncurrentVersionExpiration>")
	}
	return out.Bytes()
}
