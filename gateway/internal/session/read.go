package session

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"

	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/gateway/internal/rest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var (
	city    = regexp.MustCompile(`^[0-9]{6}$`)
	errCity = fault.New(fault.Invalid, "REQUEST_INVALID",
		"请求内容有误，请修改后重试。", "Something in the request is not valid. Change it and try again.").
		Field("city", "string.pattern", "应为六位行政区划代码。", "Has to be the six digits of a city's code.")
)

// read reads a body, which guard found sound, as the REST routes do.
func read(r *http.Request, in proto.Message) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return decode(content, in)
}

// readWithCity reads a body that names a city as well, which REST has in its path.
func readWithCity(r *http.Request, in proto.Message) (parent string, err error) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(content, &fields); err != nil {
		return "", err
	}
	var code string
	if err := json.Unmarshal(fields["city"], &code); err != nil || !city.MatchString(code) {
		return "", errCity
	}
	delete(fields, "city")
	if content, err = json.Marshal(fields); err != nil {
		return "", err
	}
	return "cities/" + code, decode(content, in)
}

func decode(content []byte, in proto.Message) error {
	if refused := rest.Decode(content, in); refused != nil {
		return refused
	}
	return nil
}
