"""A rig that breaks things under the chat: real servers, the phones' real scripts, and a checker.

proxy.py is the net of each phone, server.py the portal's process (started by serving.py, which knows where to
crash), phone.py a person's browser without a window (js/), stage.py puts them together. faults_*.py say what
goes wrong, record.py gathers what everybody noted and what the database holds, checker.py judges it.
"""
