#include "controller/apiserver/server.h"
