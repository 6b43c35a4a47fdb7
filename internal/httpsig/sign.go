package httpsig

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// Key is the key pair of a client.
type Key struct {
	ID     string // the access key, sent as the parameter keyid
	Secret string
}

// Sign returns the header fields of a signed request: Signature-Input, Signature, and
// Content-Digest if there is a body. The signature covers method, path, query and body. Use each
// nonce once only.
func Sign(k Key, method, path, query string, body []byte, at time.Time, nonce string) (http.Header, error) {
	header := http.Header{}
	s := &Signature{Components: []string{"@method", "@path", "@query"}}
	if len(body) > 0 {
		header.Set(DigestField, Digest(body))
		s.Components = append(s.Components, "content-digest")
	}
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, c := range s.Components {
		list.Items = append(list.Items, httpsfv.NewItem(c))
	}
	list.Params.Add("created", at.Unix())
	list.Params.Add("nonce", nonce)
	list.Params.Add("keyid", k.ID)
	list.Params.Add("alg", Algorithm)
	params, err := httpsfv.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("write the parameters of a signature: %w", err)
	}
	s.params = params
	base, err := s.Base(Request{Method: strings.ToUpper(method), Path: path, Query: query, Header: header.Values})
	if err != nil {
		return nil, err
	}
	header.Set(InputField, "sig1="+params)
	header.Set(SignatureField, "sig1=:"+base64.StdEncoding.EncodeToString(mac(k.Secret, base))+":")
	return header, nil
}
