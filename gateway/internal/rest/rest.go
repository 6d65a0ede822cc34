// Package rest turns the contracts into REST: routes from the contracts' own annotations, JSON as the contracts say it, headers into
// the fields they stand for, and failures into one shape. It is a client of the services like any other: it is given connections,
// never implementations. It depends on the generated clients, on guard, live and problem.
package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/live"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// Timeout is how long a request may take behind the gateway.
const Timeout = 10 * time.Second

// Upstreams are connections to the services.
type Upstreams struct {
	Directory, Hotline, Attendant, Agency grpc.ClientConnInterface
}

// Options are what an operator may choose.
type Options struct {
	Demo    bool         // serve the demonstration's sign-in
	Proxies []*net.IPNet // whose X-Forwarded-For is believed; nobody's by default
	Streams Streams
}

// register puts a service's routes on the mux.
type register func(context.Context, *runtime.ServeMux) error

// served is the routes of a service as its client answers them.
func served[C any](handlers func(context.Context, *runtime.ServeMux, C) error, client C) register {
	return func(ctx context.Context, m *runtime.ServeMux) error { return handlers(ctx, m, client) }
}

// New makes the REST handler.
func New(ctx context.Context, up Upstreams, o Options) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newMarshaler()),
		runtime.SetQueryParameterParser(&strictQuery{}),
		runtime.WithIncomingHeaderMatcher(incoming),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMetadata(func(_ context.Context, r *http.Request) metadata.MD {
			return metadata.Pairs("x-client-address", guard.ClientAddress(r, o.Proxies))
		}),
		runtime.WithForwardResponseOption(entityTag),
		runtime.WithErrorHandler(failed),
		runtime.WithRoutingErrorHandler(unrouted),
		runtime.WithDisablePathLengthFallback(),
	)
	directory, hotline, attendant, agency := dressed{up.Directory}, dressed{up.Hotline}, dressed{up.Attendant}, dressed{up.Agency}
	routes := []register{
		served(directoryv1.RegisterCityServiceHandlerClient, directoryv1.NewCityServiceClient(directory)),
		served(directoryv1.RegisterSessionServiceHandlerClient, directoryv1.NewSessionServiceClient(directory)),
		served(directoryv1.RegisterEnterpriseServiceHandlerClient, directoryv1.NewEnterpriseServiceClient(directory)),
		served(directoryv1.RegisterPersonServiceHandlerClient, directoryv1.NewPersonServiceClient(directory)),
		served(directoryv1.RegisterCityVersionServiceHandlerClient, directoryv1.NewCityVersionServiceClient(directory)),
		served(directoryv1.RegisterStaffServiceHandlerClient, directoryv1.NewStaffServiceClient(directory)),
		served(directoryv1.RegisterSettingsServiceHandlerClient, directoryv1.NewSettingsServiceClient(directory)),
		served(hotlinev1.RegisterTicketServiceHandlerClient, hotlinev1.NewTicketServiceClient(hotline)),
		served(hotlinev1.RegisterWorkOrderServiceHandlerClient, hotlinev1.NewWorkOrderServiceClient(hotline)),
		served(hotlinev1.RegisterTicketOversightServiceHandlerClient, hotlinev1.NewTicketOversightServiceClient(hotline)),
		served(hotlinev1.RegisterDialogueServiceHandlerClient, hotlinev1.NewDialogueServiceClient(hotline)),
		served(hotlinev1.RegisterSimilarServiceHandlerClient, hotlinev1.NewSimilarServiceClient(hotline)),
		served(hotlinev1.RegisterCommonIssueServiceHandlerClient, hotlinev1.NewCommonIssueServiceClient(hotline)),
		served(hotlinev1.RegisterAttachmentServiceHandlerClient, hotlinev1.NewAttachmentServiceClient(hotline)),
		served(hotlinev1.RegisterQueueServiceHandlerClient, hotlinev1.NewQueueServiceClient(hotline)),
		served(hotlinev1.RegisterDeadlineServiceHandlerClient, hotlinev1.NewDeadlineServiceClient(hotline)),
		served(hotlinev1.RegisterBoardServiceHandlerClient, hotlinev1.NewBoardServiceClient(hotline)),
		streamed(o.Streams.Hotline, "/v1/{parent=cities/*}:watch", hotlinev1.NewWatchServiceClient, hotlinev1.WatchServiceClient.Watch),
		streamed(o.Streams.Agency, "/v1/{parent=cities/*}/cases:watch", agencyv1.NewCaseWatchServiceClient, agencyv1.CaseWatchServiceClient.WatchCases),
		served(attendantv1.RegisterBindingServiceHandlerClient, attendantv1.NewBindingServiceClient(attendant)),
		served(attendantv1.RegisterVisitServiceHandlerClient, attendantv1.NewVisitServiceClient(attendant)),
		served(attendantv1.RegisterCoverageServiceHandlerClient, attendantv1.NewCoverageServiceClient(attendant)),
		served(agencyv1.RegisterCaseServiceHandlerClient, agencyv1.NewCaseServiceClient(agency)),
		served(agencyv1.RegisterItemServiceHandlerClient, agencyv1.NewItemServiceClient(agency)),
		served(agencyv1.RegisterJointReviewServiceHandlerClient, agencyv1.NewJointReviewServiceClient(agency)),
		served(agencyv1.RegisterMaterialServiceHandlerClient, agencyv1.NewMaterialServiceClient(agency)),
		served(agencyv1.RegisterCommitmentServiceHandlerClient, agencyv1.NewCommitmentServiceClient(agency)),
		served(agencyv1.RegisterCertificateServiceHandlerClient, agencyv1.NewCertificateServiceClient(agency)),
		served(agencyv1.RegisterApprovalCatalogueServiceHandlerClient, agencyv1.NewApprovalCatalogueServiceClient(agency)),
		served(agencyv1.RegisterApprovalBoardServiceHandlerClient, agencyv1.NewApprovalBoardServiceClient(agency)),
		served(agencyv1.RegisterLineServiceHandlerClient, agencyv1.NewLineServiceClient(agency)),
	}
	if o.Demo {
		routes = append(routes, served(directoryv1.RegisterDemoServiceHandlerClient, directoryv1.NewDemoServiceClient(directory)))
	}
	for _, route := range routes {
		if err := route(ctx, mux); err != nil {
			return nil, err
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if live.Asked(r) {
			mux.ServeHTTP(w, r)
			return
		}
		bounded, cancel := context.WithTimeout(r.Context(), Timeout)
		defer cancel()
		r, refused := withBeside(r.WithContext(bounded))
		if refused != nil {
			problem.Write(w, r, refused)
			return
		}
		r.Header.Del("Grpc-Timeout") // which the library obeys: how long a request may take is not the client's to say
		mux.ServeHTTP(w, r)
	}), nil
}

// incoming lets in the headers that mean something behind the gateway, under the names gRPC uses for them, and no others: nobody
// forges a service's metadata from outside.
func incoming(name string) (string, bool) {
	switch http.CanonicalHeaderKey(name) {
	case "Accept-Language": // the library passes Authorization on by itself; a trace is carried on by the connection
		return strings.ToLower(name), true
	}
	return "", false
}

// entityTag shows a resource's version where HTTP looks for it.
func entityTag(_ context.Context, w http.ResponseWriter, m proto.Message) error {
	if m == nil {
		return nil
	}
	r := m.ProtoReflect()
	if f := r.Descriptor().Fields().ByName("etag"); f != nil && f.Kind() == protoreflect.StringKind {
		if tag := r.Get(f).String(); tag != "" {
			w.Header().Set("ETag", `"`+tag+`"`)
		}
	}
	return nil
}

// failed answers for a call that went wrong. What the gateway itself found in the body or the query is known better here than the
// text that came through the generated handlers.
func failed(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if body, ok := r.Body.(*guard.Body); ok && body.Fault != nil {
		problem.Write(w, r, body.Fault)
		return
	}
	text := err.Error()
	if _, name, found := strings.Cut(text, unknownParameter); found {
		problem.Write(w, r, fault.New(fault.Invalid, "UNKNOWN_PARAMETER",
			"无法识别参数“"+name+"”，请对照接口文档检查拼写。", "Unknown query parameter \""+name+"\". Check its spelling in the API reference.").
			Field(name, "UNKNOWN_PARAMETER", "没有这个参数。", "There is no such parameter."))
		return
	}
	if _, name, found := strings.Cut(text, invalidParameter); found {
		problem.Write(w, r, fault.New(fault.Invalid, "PARAMETER_INVALID",
			"参数“"+name+"”的值不正确。", "The value of query parameter \""+name+"\" is not valid.").
			Field(name, "PARAMETER_INVALID", "值不正确或给出了多次。", "Not a valid value, or given more than once."))
		return
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		f = wire.From(err)
	}
	problem.Write(w, r, f)
}

var (
	errNoRoute = fault.New(fault.NotFound, "ROUTE_NOT_FOUND",
		"没有这个接口地址，请查阅 /docs。", "There is no such route. See /docs.")
	errMethod = fault.New(fault.Unimplemented, "METHOD_NOT_ALLOWED",
		"该地址不支持此请求方法，请查阅 /docs。", "This route does not take that method. See /docs.")
	errPath = fault.New(fault.Invalid, "PATH_INVALID",
		"网址格式不正确，请检查。", "The path is not well formed.")
)

// unrouted answers for what no contract describes.
func unrouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusNotFound:
		problem.Write(w, r, errNoRoute)
	case http.StatusMethodNotAllowed:
		problem.Write(w, r, errMethod)
	default:
		problem.Write(w, r, errPath)
	}
}
