#!/bin/sh
# In the place of the receiver: what a start that fails looks like.
echo "this receiver never starts"
exit 1
