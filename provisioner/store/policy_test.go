package store

import "testing"

func TestPoliciesAreComparedByWhatTheyMean(t *testing.T) {
	want := "s3:DeleteObject on tfstate-lab/*.tflock; s3:GetObject, s3:PutObject on tfstate-lab/*; s3:ListBucket on tfstate-lab"
	if got := rights(Policy("tfstate-lab")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for name, tt := range map[string]struct{ document, want string }{
		"in another order, texts for lists, with ids": {`{"Version":"2012-10-17","Id":"x","Statement":[
			{"Sid":"1","Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::tfstate-lab/*.tflock"},
			{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":["arn:aws:s3:::tfstate-lab/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::tfstate-lab"]}]}`, want},
		"each right in a sentence of its own": {`{"Statement":[
			{"Effect":"Allow","Action":["s3:DeleteObject"],"Resource":["arn:aws:s3:::tfstate-lab/*.tflock"]},
			{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::tfstate-lab/*"]},
			{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::tfstate-lab/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::tfstate-lab"]}]}`, want},
		"one sentence":       {`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, "s3:* on *"},
		"a condition":        {`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"a":1}}]}`, `s3:* on * (Condition {"a":1})`},
		"a denial":           {`{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`, `s3:* on * (Effect "Deny")`},
		"what it is not for": {`{"Statement":[{"Effect":"Allow","Action":"s3:*","NotResource":"b"}]}`, `s3:* on what it names otherwise (NotResource "b")`},
		"what it is not":     {`{"Statement":[{"Effect":"Allow","NotAction":"s3:Put*","Resource":"b"}]}`, ` on b (NotAction "s3:Put*")`},
		"no policy":          {`[]`, "not readable"},
		"no sentences":       {`{}`, "not readable"},
	} {
		if got := rights([]byte(tt.document)); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}
